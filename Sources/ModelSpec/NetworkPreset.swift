/// What a network's name alone says about it: the two networks that every GAN has need no declarations.
///
/// This table is the only place of the language that knows a network by its name.
public struct NetworkPreset: Sendable {
  public enum Role: Sendable {
    /// It makes the images that `sample` shows.
    case maker
    /// It tells real images from made ones.
    case judge
  }

  public var name: String
  public var role: Role
  /// The one input of a network that declares none.
  public var inputName: String
  public var inputShape: NetworkInput.Shape
  /// The one result of a network that names none.
  public var resultName: String
  /// What the metrics call an objective that moves it.
  public var lossName: String

  public static let maker = NetworkPreset(
    name: "generator", role: .maker, inputName: "noise", inputShape: .latent, resultName: "images",
    lossName: "loss_g")
  public static let judge = NetworkPreset(
    name: "discriminator", role: .judge, inputName: "image", inputShape: .image, resultName: "scores",
    lossName: "loss_d")

  /// They may stand at the top of a model, in this order before the others.
  public static let all = [maker, judge]

  public static func named(_ name: String) -> NetworkPreset? { all.first { $0.name == name } }

  /// The shape of an input that is declared by its name alone; nil for a name that says none.
  static func shape(ofInput name: String) -> NetworkInput.Shape? {
    switch name {
    case "noise": .latent
    case "image", "real", "input": .image
    case "label": .label
    default: nil
    }
  }
}
