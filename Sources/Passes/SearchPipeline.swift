extension Pipeline {
  /// From a graph of networks in inference form, with gradients of what they compute for their inputs, to what the
  /// CPU executor plans. The weights stand still, so that what follows from them alone is computed once.
  public static let search = Pipeline(passes: [
    Simplify(),
    EliminateCommonSubexpressions(),
    EliminateDeadCode(),
    Differentiate(),
    Simplify(),
    EliminateCommonSubexpressions(),
    EliminateDeadCode(),
    FuseBias(),
    FuseActivation(),
    FuseElementwise(),
    EliminateDeadCode(),
    AssignLayouts(),
  ])
}
