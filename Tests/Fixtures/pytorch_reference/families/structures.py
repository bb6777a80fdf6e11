"""Families whose networks are wired in other ways than one image to one score."""

import torch
from torch.nn import functional as F

from .losses import slopes
from .trainer import Trainer


class MSG(Trainer):
    """Karnewar and Wang, "MSG-GAN" (2020), with two scales and the relativistic hinge loss."""

    def step(self) -> None:
        G, D = self.networks["generator"], self.networks["discriminator"]
        real = self.real()
        small = F.avg_pool2d(real, 2)
        fake = G(self.noise())

        def differences(fake_scores):
            real_scores = D(real, small)
            return real_scores - fake_scores.mean(), fake_scores - real_scores.mean()

        more, less = differences(D(fake["large"].detach(), fake["small"].detach()))
        loss = (F.relu(1 - more).mean() + F.relu(1 + less).mean()) / 2
        self.record("loss_d", loss)
        self.descend(loss, "discriminator")
        more, less = differences(D(fake["large"], fake["small"]))
        loss = (F.relu(1 + more).mean() + F.relu(1 - less).mean()) / 2
        self.record("loss_g", loss)
        self.descend(loss, "generator")


class Pix2Pix(Trainer):
    """Isola and others, "Image-to-Image Translation with Conditional Adversarial Networks" (2017)."""

    weight = 100

    def step(self) -> None:
        G, D = self.networks["generator"], self.networks["discriminator"]
        given = self.draws.images("input", self.spec.image_shape, self.batch).to(self.dtype)
        real = self.real()
        fake = G(given)
        scores = D(real, given)
        loss = F.binary_cross_entropy_with_logits(scores, torch.ones_like(scores))
        scores = D(fake.detach(), given)
        loss = (loss + F.binary_cross_entropy_with_logits(scores, torch.zeros_like(scores))) / 2
        self.record("loss_d", loss)
        self.descend(loss, "discriminator")
        scores = D(fake, given)
        loss = F.binary_cross_entropy_with_logits(scores, torch.ones_like(scores))
        loss = loss + self.weight * F.l1_loss(fake, real)
        self.record("loss_g", loss)
        self.descend(loss, "generator")


class CodedCritic(Trainer):
    """Three networks and an objective that no paper has.

    An encoder finds codes for images; a critic compares pairs of images and codes, with a penalty on
    its slope by the *codes* and on its scores' spread; encoder and generator move together.
    """

    def step(self) -> None:
        E, G, C = (self.networks[name] for name in ("encoder", "generator", "critic"))
        noise = self.noise()
        real = self.real()
        fake = G(noise)
        code = E(real).detach()
        share = self.draws.uniform("draw.share", 0, 1, (self.batch,)).to(self.dtype)
        middle = (code + share.view(-1, 1) * (noise - code)).requires_grad_()
        real_scores, fake_scores = C(real, code), C(fake.detach(), noise)
        loss = (
            F.softplus(-real_scores).mean()
            + F.softplus(fake_scores).mean()
            + 2 * (F.relu(slopes(C(real, middle), middle) - 0.1) ** 2).mean()
            + 0.01 * ((real_scores - fake_scores) ** 2).mean()
        )
        self.record("loss_critic", loss)
        self.descend(loss, "critic")
        code = E(real)
        loss = (
            F.softplus(C(real, code)).mean()
            + F.softplus(-C(fake, noise)).mean()
            + 0.5 * F.mse_loss(G(code), real)
        )
        self.record("loss_encoder_generator", loss)
        self.descend(loss, "encoder", "generator")
