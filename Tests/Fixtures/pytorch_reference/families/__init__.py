"""Training loops of the families of adversarial networks, each as one writes it in PyTorch.

A family is a class here, and the model that it trains a file of its name in `Tests/Fixtures/families`.
"""

from dataclasses import dataclass

from . import augmentation, conditional, losses, schedules, structures
from .trainer import Trainer


@dataclass(frozen=True)
class Family:
    """A family's loop and how its fixture is recorded."""

    trainer: type[Trainer]
    seed: int
    steps: int = 6


FAMILIES = {
    "wgan": Family(losses.WGAN, seed=101),
    "wgan_gp": Family(losses.WGANGP, seed=102),
    "wgan_gp_critic_3": Family(losses.WGANGP3, seed=103, steps=4),
    "hinge_spectral": Family(losses.Hinge, seed=104),
    "hinge_spectral_critic_2": Family(losses.ManyCritics, seed=105),
    "lsgan": Family(losses.LSGAN, seed=106),
    "saturating": Family(losses.Saturating, seed=107),
    "lazy_r1": Family(losses.LazyR1, seed=108),
    "relativistic_bce": Family(losses.RelativisticBCE, seed=109),
    "relativistic_hinge": Family(losses.RelativisticHinge, seed=110),
    "relativistic_lsgan": Family(losses.RelativisticLSGAN, seed=111),
    "dragan": Family(losses.DRAGAN, seed=112),
    "feature_matching": Family(losses.FeatureMatching, seed=113),
    "clip_norm": Family(losses.ClippedByNorm, seed=114),
    "clip_value": Family(losses.ClippedByValue, seed=115),
    "projection": Family(conditional.Projection, seed=116),
    "acgan": Family(conditional.ACGAN, seed=117),
    "infogan": Family(conditional.InfoGAN, seed=118),
    "msg": Family(structures.MSG, seed=119),
    "pix2pix": Family(structures.Pix2Pix, seed=120),
    "coded_critic": Family(structures.CodedCritic, seed=131),
    "average": Family(schedules.Averaged, seed=122),
    "linear_and_cosine": Family(schedules.LinearAndCosine, seed=123, steps=8),
    "step_and_warm_up": Family(schedules.StepAndWarmUp, seed=124, steps=8),
    "accumulate": Family(schedules.Accumulated, seed=125, steps=4),
    "diffaugment": Family(augmentation.DiffAugmented, seed=126),
}
