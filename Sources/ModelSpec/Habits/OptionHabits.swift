/// Options of other programs' command lines, such as `--lr 0.001`.
public enum OptionHabits {
  /// What to write in the place of an option that the command does not have; nil where nobody knows it.
  ///
  /// - Parameter value: What follows it.
  public static func advice(_ option: String, value: String?) -> String? {
    let name = String(option.drop { $0 == "-" })
    guard let habit = KeyHabit.find(name) else { return nil }
    let value = value.map { $0.contains(" ") ? "'\($0)'" : $0 } ?? "…"
    switch habit.target {
    case .path(let path): return "write --set \(path.joined(separator: "."))=\(value)"
    case .attribute(of: .optimizer, "beta1"): return "write --set train.optimizer.betas=[\(value),0.999]"
    case .attribute(of: .optimizer, "beta2"): return "write --set train.optimizer.betas=[0.5,\(value)]"
    case .attribute(let choice, let attribute):
      return "write --set train.\(choice.rawValue).\(attribute)=\(value)"
    case .variable: return "a model that has `\(name)` under `let` takes --set let.\(name)=\(value)"
    case .flag(let flag):
      let words = flag.split(separator: " ")
      return "graphc \(words[0]) has \(words[1]) for it"
    case .told(let how): return how
    case .needless(let why): return "it can be left out: \(why)"
    }
  }
}
