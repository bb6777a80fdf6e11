"""Families that differ in their losses and penalties: a generator against a discriminator."""

import torch
from torch.nn import functional as F

from .trainer import Trainer


def slopes(scores: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """The norms of the scores' gradients by each point, [N]."""
    (gradient,) = torch.autograd.grad(
        scores, points, grad_outputs=torch.ones_like(scores), create_graph=True
    )
    return gradient.flatten(1).norm(dim=1)


class TwoPlayers(Trainer):
    """One update of the discriminator, then one of the generator on the same fakes."""

    def begin(self) -> None:
        self.G, self.D = self.networks["generator"], self.networks["discriminator"]

    def step(self) -> None:
        self.real_images = self.real()
        self.fake_images = self.G(self.noise())
        loss = self.discriminator_loss(self.real_images, self.fake_images.detach())
        self.record("loss_d", loss)
        self.descend(loss, "discriminator")
        self.between_updates()
        loss = self.generator_loss(self.fake_images)
        self.record("loss_g", loss)
        self.descend(loss, "generator")

    def between_updates(self) -> None:
        """What happens after the discriminator's update."""


class Hinge(TwoPlayers):
    """Lim and Ye, "Geometric GAN" (2017); Miyato and others (2018)."""

    def discriminator_loss(self, real, fake):
        return F.relu(1 - self.D(real)).mean() + F.relu(1 + self.D(fake)).mean()

    def generator_loss(self, fake):
        return -self.D(fake).mean()


class ManyCritics(Hinge):
    """Several updates of the discriminator, each on a batch and noise of its own, for one of G."""

    critic_steps = 2

    def step(self) -> None:
        for _ in self.repetitions(self.critic_steps):
            real = self.real()
            with torch.no_grad():
                fake = self.G(self.noise())
            loss = self.discriminator_loss(real, fake)
            self.record("loss_d", loss)
            self.descend(loss, "discriminator")
            self.after_critic()
        loss = self.generator_loss(self.G(self.noise()))
        self.record("loss_g", loss)
        self.descend(loss, "generator")

    def after_critic(self) -> None:
        """What happens after each update of the discriminator."""


class WGAN(ManyCritics):
    """Arjovsky and others, "Wasserstein GAN" (2017): weights are clipped after each critic's step."""

    clip = 0.05

    def discriminator_loss(self, real, fake):
        return self.D(fake).mean() - self.D(real).mean()

    def after_critic(self) -> None:
        with torch.no_grad():
            for parameter in self.D.parameters():
                parameter.clamp_(-self.clip, self.clip)


class WGANGP(TwoPlayers):
    """Gulrajani and others, "Improved Training of Wasserstein GANs" (2017)."""

    weight = 10

    def discriminator_loss(self, real, fake):
        share = self.epsilon()
        between = (share * real + (1 - share) * fake).requires_grad_()
        penalty = ((slopes(self.D(between), between) - 1) ** 2).mean()
        return self.D(fake).mean() - self.D(real).mean() + self.weight * penalty

    def generator_loss(self, fake):
        return -self.D(fake).mean()


class WGANGP3(ManyCritics):
    """The same with three steps of the critic."""

    critic_steps = 3
    weight = 10
    discriminator_loss = WGANGP.discriminator_loss


class LSGAN(TwoPlayers):
    """Mao and others, "Least Squares Generative Adversarial Networks" (2017)."""

    def discriminator_loss(self, real, fake):
        return ((self.D(real) - 1) ** 2).mean() / 2 + (self.D(fake) ** 2).mean() / 2

    def generator_loss(self, fake):
        return ((self.D(fake) - 1) ** 2).mean() / 2


class Logistic(TwoPlayers):
    """Goodfellow and others (2014), with logits."""

    def discriminator_loss(self, real, fake):
        return F.softplus(-self.D(real)).mean() + F.softplus(self.D(fake)).mean()

    def generator_loss(self, fake):
        return F.softplus(-self.D(fake)).mean()


class Saturating(Logistic):
    """The generator of the first paper, which maximises what the discriminator minimises."""

    def generator_loss(self, fake):
        return -F.softplus(self.D(fake)).mean()


class LazyR1(Logistic):
    """Mescheder and others (2018), on every second step, as a second step of the same Adam.

    On its steps the penalty counts twice. Source of the order: Karras and others,
    "Analyzing and Improving the Image Quality of StyleGAN" (2020).
    """

    gamma = 10
    every = 2

    def between_updates(self) -> None:
        if self.draws.step % self.every != 0:
            return
        real = self.real_images.clone().requires_grad_()
        penalty = (slopes(self.D(real), real) ** 2).mean()
        loss = self.gamma / 2 * self.every * penalty
        self.record("penalty_d", loss)
        self.descend(loss, "discriminator")


class Relativistic(TwoPlayers):
    """Jolicoeur-Martineau, "The relativistic discriminator" (2018), averaged."""

    def differences(self, real, fake):
        """How much more real each side is than the mean of the other."""
        real_scores, fake_scores = self.D(real), self.D(fake)
        return real_scores - fake_scores.mean(), fake_scores - real_scores.mean()


class RelativisticBCE(Relativistic):
    def discriminator_loss(self, real, fake):
        real, fake = self.differences(real, fake)
        return (F.softplus(-real).mean() + F.softplus(fake).mean()) / 2

    def generator_loss(self, fake):
        real, fake = self.differences(self.real_images, fake)
        return (F.softplus(real).mean() + F.softplus(-fake).mean()) / 2


class RelativisticHinge(Relativistic):
    def discriminator_loss(self, real, fake):
        real, fake = self.differences(real, fake)
        return (F.relu(1 - real).mean() + F.relu(1 + fake).mean()) / 2

    def generator_loss(self, fake):
        real, fake = self.differences(self.real_images, fake)
        return (F.relu(1 + real).mean() + F.relu(1 - fake).mean()) / 2


class RelativisticLSGAN(Relativistic):
    def discriminator_loss(self, real, fake):
        real, fake = self.differences(real, fake)
        return (((real - 1) ** 2).mean() + ((fake + 1) ** 2).mean()) / 2

    def generator_loss(self, fake):
        real, fake = self.differences(self.real_images, fake)
        return (((real + 1) ** 2).mean() + ((fake - 1) ** 2).mean()) / 2


class DRAGAN(TwoPlayers):
    """Kodali and others, "On Convergence and Stability of GANs" (2017)."""

    weight = 10

    def discriminator_loss(self, real, fake):
        scores = self.D(real)
        loss = F.binary_cross_entropy_with_logits(scores, torch.ones_like(scores))
        scores = self.D(fake)
        loss = loss + F.binary_cross_entropy_with_logits(scores, torch.zeros_like(scores))
        jitter = self.draws.uniform("draw.jitter", 0, 1, real.shape).to(real.dtype)
        around = real + 0.5 * real.std(correction=0) * jitter
        share = self.epsilon()
        near = (share * real + (1 - share) * around).requires_grad_()
        return loss + self.weight * ((slopes(self.D(near), near) - 1) ** 2).mean()

    def generator_loss(self, fake):
        scores = self.D(fake)
        return F.binary_cross_entropy_with_logits(scores, torch.ones_like(scores))


class FeatureMatching(Logistic):
    """Salimans and others, "Improved Techniques for Training GANs" (2016): the mean features."""

    def generator_loss(self, fake):
        real_features = self.D.with_layers(self.real_images)[1]["features"]
        fake_features = self.D.with_layers(fake)[1]["features"]
        return (real_features.mean(dim=0) - fake_features.mean(dim=0)).abs().mean()


class ClippedByNorm(Logistic):
    """Gradients whose norm, over all of an update's, is kept below a bound."""

    bound = 0.1

    def descend(self, loss, *names):
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        loss.backward()
        for name in names:
            self.clip(list(self.networks[name].parameters()))
            self.optimizers[name].step()

    def clip(self, parameters):
        torch.nn.utils.clip_grad_norm_(parameters, self.bound)


class ClippedByValue(ClippedByNorm):
    """Gradients whose elements are kept within a bound."""

    bound = 0.01

    def clip(self, parameters):
        torch.nn.utils.clip_grad_value_(parameters, self.bound)
