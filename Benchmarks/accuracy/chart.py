"""Loss curves, and how runs of one seed come apart, as an SVG."""

import numpy as np

from .measures import SEPARATION, WINDOW, relative_loss_difference, smoothed
from .runs import METRICS, Model, Run

WIDTH, HEIGHT = 300, 170
LEFT, TOP, GAP_X, GAP_Y = 44, 48, 56, 52
COLORS = {
    "direct": "#8a8a8a",
    "direct, narrower": "#1f1f1f",
    "winograd2": "#2a7de1",
    "winograd4": "#d9480f",
    "default": "#2b8a3e",
}
TITLES = {
    "loss_d": "the discriminator's loss",
    "loss_g": "the generator's loss",
    "d_real": "D(x)",
    "d_fake": "D(G(z))",
}
EARLY_STEPS = 300
SMALLEST_DIFFERENCE = 1e-8


class Panel:
    """A pair of axes at a place of the page."""

    def __init__(self, column: int, row: int, title: str, x: tuple[float, float], y: tuple[float, float]):
        self.left = LEFT + column * (WIDTH + GAP_X)
        self.top = TOP + row * (HEIGHT + GAP_Y)
        self.x, self.y = x, y
        self.parts = [
            f'<text x="{self.left}" y="{self.top - 8}" font-weight="bold">{title}</text>',
            f'<rect x="{self.left}" y="{self.top}" width="{WIDTH}" height="{HEIGHT}" fill="none" '
            'stroke="#bbb"/>',
        ]

    def place(self, x: float, y: float) -> tuple[float, float]:
        share_x = (x - self.x[0]) / (self.x[1] - self.x[0])
        share_y = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + WIDTH * share_x, self.top + HEIGHT * (1 - share_y)

    def tick_x(self, x: float, label: str) -> None:
        place = self.place(x, self.y[0])
        self.parts.append(
            f'<text x="{place[0]:.0f}" y="{place[1] + 14:.0f}" text-anchor="middle">{label}</text>'
        )

    def tick_y(self, y: float, label: str, is_ruled: bool = False) -> None:
        place = self.place(self.x[0], y)
        self.parts.append(
            f'<text x="{place[0] - 5:.0f}" y="{place[1] + 4:.0f}" text-anchor="end">{label}</text>'
        )
        if is_ruled:
            self.parts.append(
                f'<path d="M{self.left} {place[1]:.1f}h{WIDTH}" stroke="#bbb" stroke-dasharray="4 3"/>'
            )

    def line(self, xs: np.ndarray, ys: np.ndarray, color: str, width: float) -> None:
        places = [self.place(x, y) for x, y in zip(xs, np.clip(ys, *self.y))]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        self.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width}" '
            'stroke-linejoin="round"/>'
        )


def render_chart(model: Model, runs: list[Run]) -> str:
    """A panel a metric, and one of the first steps' differences from the direct run of the same seed."""
    steps = runs[0].steps
    panels = []
    middles = np.arange(steps // WINDOW) * WINDOW + WINDOW / 2
    curves = {run: smoothed(run.curves) for run in runs}
    for index, metric in enumerate(METRICS):
        values = [curve[:, index] for curve in curves.values()]
        highest = float(np.max(values)) * 1.05
        panel = Panel(index % 2, index // 2, TITLES[metric], (0, steps), (0, highest))
        for step in np.linspace(0, steps, 5):
            panel.tick_x(step, f"{step:.0f}")
        for value in np.linspace(0, highest, 5)[:-1]:
            panel.tick_y(value, f"{value:.2f}")
        for run, curve in curves.items():
            panel.line(middles, curve[:, index], COLORS[run.variant.label], 1.2)
        panels.append(panel)
    panels.append(_separation_panel(runs))
    return _page(model, runs, panels)


def _separation_panel(runs: list[Run]) -> Panel:
    reference = runs[0]
    count = min(EARLY_STEPS, reference.steps)
    title = f"relative difference of a loss from direct, seed {reference.seed}"
    panel = Panel(0, 2, title, (0, count), (np.log10(SMALLEST_DIFFERENCE), 0))
    for step in np.linspace(0, count, 4):
        panel.tick_x(step, f"{step:.0f}")
    for exponent in range(-8, 1, 2):
        panel.tick_y(exponent, f"1e{exponent}", is_ruled=10.0**exponent == SEPARATION)
    for run in runs[1:]:
        if run.seed != reference.seed:
            continue
        differences = relative_loss_difference(run.curves, reference.curves)[:count]
        # Neighbouring steps differ by chance; their largest shows the trend.
        largest = differences[: count // 5 * 5].reshape(-1, 5).max(axis=1)
        places = np.arange(len(largest)) * 5 + 3
        panel.line(
            places, np.log10(np.maximum(largest, SMALLEST_DIFFERENCE)), COLORS[run.variant.label], 1.4
        )
    return panel


def _page(model: Model, runs: list[Run], panels: list[Panel]) -> str:
    width = LEFT + 2 * WIDTH + GAP_X + 16
    height = TOP + 3 * (HEIGHT + GAP_Y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="18" font-size="14">{model.path.stem}: means of {WINDOW} steps, '
        "a line a run</text>",
    ]
    for panel in panels:
        parts += panel.parts
    left, top = LEFT + WIDTH + GAP_X, TOP + 2 * (HEIGHT + GAP_Y)
    for index, (label, color) in enumerate(COLORS.items()):
        seeds = sum(run.variant.label == label for run in runs)
        y = top + 20 + 22 * index
        name = f"{label}, {seeds} seed{'s' if seeds != 1 else ''}"
        parts.append(f'<path d="M{left} {y - 4}h28" stroke="{color}" stroke-width="2.5"/>')
        parts.append(f'<text x="{left + 36}" y="{y}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
