/// The pages of `docs/errors`, which the binary carries.
/// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
enum ErrorPages {
  static let all: [ErrorPage] = [advice, agreement, expression, program, shape, spec, yaml].flatMap { $0 }
}
