"""Families whose discriminator sees changed images."""

import torch

from .losses import Logistic


class DiffAugmented(Logistic):
    """Zhao and others, "Differentiable Augmentation for Data-Efficient GAN Training" (2020).

    Colour, translation and cutout, with draws of its own for each application, and again for the generator's
    update.
    """

    def step(self) -> None:
        self.applications = 0
        real = self.real()
        fake = self.G(self.noise())
        loss = self.discriminator_loss(self.augment(real), self.augment(fake.detach()))
        self.record("loss_d", loss)
        self.descend(loss, "discriminator")
        loss = self.generator_loss(self.augment(fake))
        self.record("loss_g", loss)
        self.descend(loss, "generator")

    def augment(self, images: torch.Tensor) -> torch.Tensor:
        self.applications += 1
        return self.cut(self.translated(self.recolored(images)))

    def name(self, draw: str) -> str:
        number = "" if self.applications == 1 else f"_{self.applications}"
        return f"augment_{draw}{number}"

    def uniform(self, draw: str, low: float, high: float, images: torch.Tensor) -> torch.Tensor:
        numbers = self.draws.uniform(self.name(draw), low, high, (len(images),))
        return numbers.to(images.dtype).view(-1, 1, 1, 1)

    def recolored(self, images: torch.Tensor) -> torch.Tensor:
        images = images + self.uniform("brightness", -0.5, 0.5, images)
        mean = images.mean(dim=1, keepdim=True)
        images = (images - mean) * self.uniform("saturation", 0, 2, images) + mean
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        return (images - mean) * self.uniform("contrast", 0.5, 1.5, images) + mean

    def translated(self, images: torch.Tensor) -> torch.Tensor:
        height, width = images.shape[2:]
        results = []
        downs, rights = (
            self.draws.classes(self.name(draw), 2 * int(size / 8 + 0.5) + 1, len(images)).long()
            - int(size / 8 + 0.5)
            for draw, size in (("down", height), ("right", width))
        )
        for image, down, right in zip(images, downs.tolist(), rights.tolist()):
            result = torch.zeros_like(image)
            rows = slice(max(down, 0), height + min(down, 0))
            columns = slice(max(right, 0), width + min(right, 0))
            rows_from = slice(max(-down, 0), height + min(-down, 0))
            columns_from = slice(max(-right, 0), width + min(-right, 0))
            result[:, rows, columns] = image[:, rows_from, columns_from]
            results.append(result)
        return torch.stack(results)

    def cut(self, images: torch.Tensor) -> torch.Tensor:
        mask = torch.ones_like(images)
        centres = []
        for draw, extent in (("row", images.shape[2]), ("column", images.shape[3])):
            size = int(extent / 2 + 0.5)
            drawn = self.draws.classes(self.name(draw), extent + (1 - size % 2), len(images)).long()
            centres.append((drawn.tolist(), size))
        (rows, height), (columns, width) = centres
        for number in range(len(images)):
            top, left = rows[number] - height // 2, columns[number] - width // 2
            mask[number, :, max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = 0
        return images * mask
