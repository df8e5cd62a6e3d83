// Heatmaps in colours, over the image.

// The palette inferno, from the least value to the largest.
const colours = [
  [0, 0, 4], [11, 8, 36], [33, 12, 74], [61, 10, 100], [87, 16, 109], [112, 25, 109], [137, 34, 105],
  [163, 44, 97], [187, 55, 84], [209, 71, 68], [228, 91, 49], [241, 115, 29], [249, 142, 14],
  [252, 173, 18], [249, 204, 54], [243, 233, 105], [252, 255, 164],
];

// span returns the values of the first and the last colour: what held-out images reach lies in
// the middle. Of a model that does not know, they are the heatmap's own.
function span(heat) {
  if (heat.floor !== null && heat.threshold > heat.floor) {
    return [heat.floor, 2 * heat.threshold - heat.floor];
  }
  let [lo, hi] = [Infinity, -Infinity];
  for (const v of heat.values) {
    lo = Math.min(lo, v);
    hi = Math.max(hi, v);
  }
  return [lo, hi > lo ? hi : lo + 1];
}

// painted returns a canvas with a pixel for each place. Hotter places cover more.
export function painted(heat) {
  const canvas = document.createElement('canvas');
  canvas.width = heat.width;
  canvas.height = heat.height;
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(heat.width, heat.height);
  const [lo, hi] = span(heat);
  heat.values.forEach((v, i) => {
    const at = Math.min(1, Math.max(0, (v - lo) / (hi - lo)));
    const x = at * (colours.length - 1);
    const k = Math.min(Math.floor(x), colours.length - 2);
    for (let c = 0; c < 3; c++) {
      pixels.data[4 * i + c] = colours[k][c] + (x - k) * (colours[k + 1][c] - colours[k][c]);
    }
    pixels.data[4 * i + 3] = 255 * (0.25 + 0.75 * at);
  });
  context.putImageData(pixels, 0, 0);
  return canvas;
}
