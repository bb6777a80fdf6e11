"""Families whose rates, gradients or weights follow the steps."""

import copy
import math

import torch

from .losses import Logistic


class Averaged(Logistic):
    """The generator's parameters are averaged after each step, its statistics copied."""

    decay = 0.9

    def begin(self) -> None:
        super().begin()
        self.average = copy.deepcopy(self.G).requires_grad_(False)

    def step(self) -> None:
        super().step()
        with torch.no_grad():
            for average, parameter in zip(self.average.parameters(), self.G.parameters()):
                average.mul_(self.decay).add_(parameter, alpha=1 - self.decay)
            for average, buffer in zip(self.average.buffers(), self.G.buffers()):
                average.copy_(buffer)

    def state(self):
        return {f"average.generator.{name}": value for name, value in self.average.state_dict().items()}


class Scheduled(Logistic):
    """Rates by PyTorch's schedulers, one for each network."""

    def begin(self) -> None:
        super().begin()
        self.schedulers = [
            self.generator_schedule(self.optimizers["generator"]),
            self.discriminator_schedule(self.optimizers["discriminator"]),
        ]

    def step(self) -> None:
        super().step()
        for scheduler in self.schedulers:
            scheduler.step()

    def generator_schedule(self, optimizer):
        raise NotImplementedError

    discriminator_schedule = generator_schedule


class LinearAndCosine(Scheduled):
    """G's rate falls linearly to nothing in 4 steps; D's like a cosine to a tenth in 5, and stays."""

    def generator_schedule(self, optimizer):
        return torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, total_iters=4)

    def discriminator_schedule(self, optimizer):
        # PyTorch's own rises again behind the last step.
        def factor(t):
            return 0.1 + 0.9 * (1 + math.cos(math.pi * min(t, 5) / 5)) / 2

        return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


class StepAndWarmUp(Scheduled):
    """G's rate is divided by ten every 3 steps; D's rises from a quarter in 3, then stays."""

    def generator_schedule(self, optimizer):
        return torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.1)

    def discriminator_schedule(self, optimizer):
        return torch.optim.lr_scheduler.LinearLR(optimizer, 0.25, 1, total_iters=3)


class Accumulated(Logistic):
    """Each update adds up the gradients of two batches, each loss halved, before its one step."""

    parts = 2

    def step(self) -> None:
        for name, record in (("discriminator", "loss_d"), ("generator", "loss_g")):
            self.optimizers[name].zero_grad()
            for _ in self.repetitions(self.parts):
                # Both updates read the same batches.
                fake = self.G(self.noise())
                if name == "discriminator":
                    loss = self.discriminator_loss(self.real(), fake.detach())
                else:
                    loss = self.generator_loss(fake)
                self.record(record, loss)
                self.accumulate(loss / self.parts, name)
            self.optimizers[name].step()

    def accumulate(self, loss, name):
        parameters = list(self.networks[name].parameters())
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
