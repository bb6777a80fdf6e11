"""Families of adversarial networks in PyTorch, to be timed beside graphc.

`family` is what the models share and `layers` what `torch.nn` lacks; `wgan_gp`, `sngan`, `sagan`, `stylegan2` and
`pix2pix` hold a model each, `catalog` lists them. `worker` is the process that PyTorch runs in, `candidates` drives
it and graphc, `check` compares the networks with graphc's, and `report` prints the times.
"""
