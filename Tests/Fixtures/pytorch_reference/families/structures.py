"""Families whose networks are wired in other ways than one image to one score."""

import torch
from torch import nn
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


class CycleGAN(Trainer):
    """Zhu and others, "Unpaired Image-to-Image Translation" (2017), without the pool of earlier fakes.

    The judges move first, so that one run of the translators serves both updates.
    """

    def step(self) -> None:
        G, F_, D_b, D_a = (
            self.networks[name] for name in ("generator", "back", "discriminator", "judge_a")
        )
        a, b = (
            self.draws.images(name, self.spec.image_shape, self.batch).to(self.dtype)
            for name in ("a", "b")
        )
        to_b, to_a = G(a), F_(b)
        mse = nn.MSELoss()

        def aim(scores, target):
            return mse(scores, torch.full_like(scores, target))

        for name, judge, real, fake in (
            ("discriminator", D_b, b, to_b),
            ("judge_a", D_a, a, to_a),
        ):
            loss = (aim(judge(real), 1.0) + aim(judge(fake.detach()), 0.0)) * 0.5
            self.record("loss_d" if name == "discriminator" else f"loss_{name}", loss)
            self.descend(loss, name)
        l1 = nn.L1Loss()
        loss = aim(D_b(to_b), 1.0) + aim(D_a(to_a), 1.0)
        loss = loss + 10 * (l1(F_(to_b), a) + l1(G(to_a), b)) + 5 * (l1(G(b), b) + l1(F_(a), a))
        self.record("loss_generator_back", loss)
        self.descend(loss, "generator", "back")


class StyleGAN2(Trainer):
    """Karras and others, "Analyzing and Improving the Image Quality of StyleGAN" (2020), and its code.

    R1 and the path's length are terms of their own, on every second step and twice as strong.
    """

    interval = 2
    gamma = 10
    decay = 0.1

    def begin(self) -> None:
        self.mean_length = torch.zeros((), dtype=self.dtype)

    def step(self) -> None:
        G, D = self.networks["generator"], self.networks["discriminator"]
        noise, real = self.noise(), self.real()
        is_lazy = self.draws.step % self.interval == 0
        fake = G(noise)["picture"]
        loss = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
        self.record("loss_d", loss)
        self.descend(loss, "discriminator")
        if is_lazy:
            points = real.clone().requires_grad_()
            loss = self.interval * self.gamma / 2 * (slopes(D(points), points) ** 2).mean()
            self.record("penalty_d", loss)
            self.descend(loss, "discriminator")
        loss = F.softplus(-D(fake)).mean()
        self.record("loss_g", loss)
        self.descend(loss, "generator")
        if is_lazy:
            made = G(noise)
            picture, styles = made["picture"], made["styles"]
            direction = self.draws.normal("noise_like", tuple(picture.shape)).to(self.dtype) / 8
            (slope,) = torch.autograd.grad((picture * direction).sum(), styles, create_graph=True)
            lengths = slope.view(self.batch, 3, -1).square().sum(2).mean(1).sqrt()
            mean_length = self.mean_length.lerp(lengths.mean(), self.decay)
            self.mean_length = mean_length.detach()
            loss = 2 * self.interval * (lengths - mean_length).square().mean()
            self.record("path_length", loss)
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
