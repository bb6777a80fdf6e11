/// The program's version, as the changelog counts them.
public let graphcVersion = "0.1.0"
