/// The style sheet of `ReportPage`. Both palettes have lines of a contrast of 4.5 or more to the page.
let reportStyle = """
  :root {
    color-scheme: light dark;
    --page: #ffffff; --text: #1f2328; --faint: #59636e; --grid: #d9dee4; --panel: #f4f6f8;
    --line-0: #0a5fc2; --line-1: #b4480a;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --page: #14181d; --text: #e6edf3; --faint: #9aa5b1; --grid: #333b44; --panel: #1c2229;
      --line-0: #6cb0ff; --line-1: #ff9d5c;
    }
  }
  body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 60rem; margin: 0 auto; padding: 1rem 1.5rem 3rem; }
  h1 { font-size: 1.6rem; }
  h2 { font-size: 1.15rem; margin-top: 2rem; }
  figure { margin: 0; }
  figcaption { color: var(--faint); font-size: .875rem; }
  pre { background: var(--panel); padding: .75rem 1rem; overflow-x: auto; font-size: .8125rem; line-height: 1.4; }
  svg { display: block; width: 100%; height: auto; }
  svg text { fill: var(--faint); font-size: 12px; }
  .grid { stroke: var(--grid); }
  .axis { stroke: var(--faint); }
  .line { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round; }
  .line-0 { stroke: var(--line-0); background: var(--line-0); }
  .line-1 { stroke: var(--line-1); background: var(--line-1); }
  .key { display: inline-block; width: 1rem; height: .2rem; margin: 0 .4rem .25rem 1rem; }
  .raw { opacity: .3; }
  .samples { max-width: 36rem; }
  .samples img, .samples input { width: 100%; }
  .samples img { image-rendering: pixelated; }
  [hidden] { display: none; }
  """
