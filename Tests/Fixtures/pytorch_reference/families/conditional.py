"""Families whose images have classes or codes."""

import torch
from torch.nn import functional as F

from .trainer import Trainer


class Projection(Trainer):
    """Miyato and Koyama, "cGANs with Projection Discriminator" (2018), with the hinge loss.

    Fakes are of classes that are drawn uniformly.
    """

    def step(self) -> None:
        G, D = self.networks["generator"], self.networks["discriminator"]
        real, labels = self.real(), self.labels()
        kind = self.draws.classes("draw.kind", self.spec.classes, self.batch)
        fake = G(self.noise(), kind)
        loss = F.relu(1 - D(real, labels)).mean() + F.relu(1 + D(fake.detach(), kind)).mean()
        self.record("loss_d", loss)
        self.descend(loss, "discriminator")
        loss = -D(fake, kind).mean()
        self.record("loss_g", loss)
        self.descend(loss, "generator")


class ACGAN(Trainer):
    """Odena and others, "Conditional Image Synthesis with Auxiliary Classifier GANs" (2017)."""

    def step(self) -> None:
        G, D = self.networks["generator"], self.networks["discriminator"]
        real, labels = self.real(), self.labels()
        kind = self.draws.classes("draw.kind", self.spec.classes, self.batch)
        fake = G(self.noise(), kind)
        on_real, on_fake = D(real), D(fake.detach())
        loss = (
            F.softplus(-on_real["score"]).mean()
            + F.softplus(on_fake["score"]).mean()
            + F.cross_entropy(on_real["kinds"], labels)
            + F.cross_entropy(on_fake["kinds"], kind)
        )
        self.record("loss_d", loss)
        self.descend(loss, "discriminator")
        on_fake = D(fake)
        loss = F.softplus(-on_fake["score"]).mean() + F.cross_entropy(on_fake["kinds"], kind)
        self.record("loss_g", loss)
        self.descend(loss, "generator")


class InfoGAN(Trainer):
    """Chen and others, "InfoGAN" (2016): one code of classes and two numbers.

    The head that reads the codes off the discriminator's trunk moves with the generator.
    """

    weight = 0.5

    def step(self) -> None:
        G, D, Q = (self.networks[name] for name in ("generator", "discriminator", "reader"))
        real = self.real()
        kind = self.draws.classes("draw.kind", self.spec.classes, self.batch)
        turn = self.draws.uniform("draw.turn", -1, 1, (self.batch, 2)).to(self.dtype)
        fake = G(self.noise(), kind, turn)
        loss = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
        self.record("loss_d", loss)
        self.descend(loss, "discriminator")
        scores, layers = D.with_layers(fake)
        codes = Q(layers["trunk"])
        loss = (
            F.softplus(-scores).mean()
            + F.cross_entropy(codes["kinds"], kind)
            + self.weight * ((turn - codes["turns"]) ** 2).sum(dim=1).mean()
        )
        self.record("loss_generator_reader", loss)
        self.descend(loss, "generator", "reader")
