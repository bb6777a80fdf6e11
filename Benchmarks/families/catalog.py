"""The models that are timed, by the names of their files in `models/`."""

from .family import Family
from .pix2pix import Pix2Pix
from .sagan import SAGAN
from .sngan import SNGAN
from .stylegan2 import StyleGAN2
from .wgan_gp import WGANGP

FAMILIES: dict[str, type[Family]] = {
    "wgan-gp-32": WGANGP,
    "sngan-32": SNGAN,
    "sagan": SAGAN,
    "stylegan2-64": StyleGAN2,
    "pix2pix": Pix2Pix,
}
