/// A data set that is published on the net, with what tells its files from others.
public struct PublishedDataset: Sendable {
  /// A file, known by its contents.
  public struct File: Hashable, Sendable {
    public let name: String
    /// In bytes.
    public let size: Int
    /// The SHA-256 of its bytes, in 64 digits.
    public let checksum: String

    public init(_ name: String, size: Int, checksum: String) {
      (self.name, self.size, self.checksum) = (name, size, checksum)
    }
  }

  /// An archive of files, of which some are wanted.
  public struct Archive: Sendable {
    public let file: File
    public let members: [File]

    public init(_ file: File, members: [File]) { (self.file, self.members) = (file, members) }
  }

  public enum Contents: Sendable {
    case files([File])
    /// The members are kept, the archive is not.
    case archive(Archive)
  }

  public let name: String
  /// Where its publisher, or a mirror that stays, has it; a file's address is this with the file's name behind.
  public let address: String
  public let contents: Contents

  public init(_ name: String, address: String, _ contents: Contents) {
    (self.name, self.address, self.contents) = (name, address, contents)
  }

  /// What lies in the folder in the end.
  public var files: [File] {
    switch contents {
    case .files(let files): files
    case .archive(let archive): archive.members
    }
  }
}

extension PublishedDataset {
  public static let all = [mnist, fashionMNIST, cifar10]

  /// 70,000 handwritten digits of 28×28 pixels. Source: LeCun, Cortes and Burges; this mirror is PyTorch's.
  static let mnist = PublishedDataset(
    "mnist", address: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    .files([
      File(
        "train-images-idx3-ubyte.gz", size: 9_912_422,
        checksum: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
      File(
        "train-labels-idx1-ubyte.gz", size: 28_881,
        checksum: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
      File(
        "t10k-images-idx3-ubyte.gz", size: 1_648_877,
        checksum: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
      File(
        "t10k-labels-idx1-ubyte.gz", size: 4_542,
        checksum: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ]))

  /// 70,000 pictures of clothes of 28×28 pixels. Source: Xiao, Rasul and Vollgraf, arXiv:1708.07747.
  static let fashionMNIST = PublishedDataset(
    "fashion-mnist", address: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    .files([
      File(
        "train-images-idx3-ubyte.gz", size: 26_421_880,
        checksum: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
      File(
        "train-labels-idx1-ubyte.gz", size: 29_515,
        checksum: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
      File(
        "t10k-images-idx3-ubyte.gz", size: 4_422_102,
        checksum: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
      File(
        "t10k-labels-idx1-ubyte.gz", size: 5_148,
        checksum: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ]))

  /// 60,000 photographs of ten kinds of things, 32×32 pixels, the binary version. Source: Krizhevsky, "Learning
  /// Multiple Layers of Features from Tiny Images", 2009.
  static let cifar10 = PublishedDataset(
    "cifar10", address: "https://www.cs.toronto.edu/~kriz/",
    .archive(
      Archive(
        File(
          "cifar-10-binary.tar.gz", size: 170_052_171,
          checksum: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
        members: [
          ("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
          ("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
          ("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
          ("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
          ("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
          ("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
        ].map { File($0.0, size: 10_000 * 3_073, checksum: $0.1) })))
}
