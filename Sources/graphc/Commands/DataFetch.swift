import ArgumentParser
import Datasets
import Diagnostics
import Files

struct DataFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Fetch a known data set from the net.",
    discussion: """
      Asks the publisher's server, or a mirror, through curl. Every file is compared with the checksum of what was \
      published before it gets its name. What was stopped goes on when it is called again; what is there is not fetched \
      again. Prints the folder.
      """)

  @Argument(help: ArgumentHelp("The data set.", valueName: "name"))
  var dataset: PublishedDataset

  @Option(help: ArgumentHelp("The folder for the files; data/NAME if not said.", valueName: "folder"))
  var to: String?

  @Option(
    help: ArgumentHelp(
      "The address of the folder on the net where the files lie, in place of the publisher's.",
      valueName: "address")
  )
  var from: String?

  func run() throws {
    let folder = to ?? "data/\(dataset.name)"
    try reportingFileErrors {
      var work: LongWork?
      try dataset.fetch(into: folder, from: from) { progress in
        func megabytes(_ count: Int) -> Int { (count + 999_999) / 1_000_000 }
        var current =
          work ?? LongWork(start: megabytes(progress.start), total: megabytes(progress.total), unit: "MB")
        current.reached(megabytes(progress.received))
        try current.stopIfAsked(
          "\(megabytes(progress.received)) of \(megabytes(progress.total)) MB are there; the same command goes on"
        )
        work = current
      }
      work?.finish()
      Console.print("\(folder)")
    }
  }
}

extension PublishedDataset: ExpressibleByArgument {
  public init?(argument: String) {
    guard let named = Self.all.first(where: { $0.name == argument }) else { return nil }
    self = named
  }

  public static var allValueStrings: [String] { all.map(\.name) }
}
