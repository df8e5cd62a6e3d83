// A brush that says where a defect is: strokes on a canvas over the image, which can be taken
// back one by one.

const longest = 1024; // side of a mask, in pixels

// Brush paints on an element's picture. Its strokes are those of one image.
export class Brush {
  // strokes are [{size, erase, points: [[x, y], …]}], in shares of the image's sides and, the
  // size, of the longer one.
  constructor(width, height, strokes) {
    const scale = Math.min(1, longest / Math.max(width, height));
    this.canvas = document.createElement('canvas');
    this.canvas.width = Math.max(1, Math.round(width * scale));
    this.canvas.height = Math.max(1, Math.round(height * scale));
    this.context = this.canvas.getContext('2d', { willReadFrequently: true });
    this.strokes = strokes;
    this.at = [0.5, 0.5]; // where the keyboard's brush is
    this.redraw();
  }

  begin(x, y, size, erase) {
    this.strokes.push({ size, erase, points: [] });
    this.go(x, y);
  }

  go(x, y) {
    const stroke = this.strokes.at(-1);
    stroke.points.push([x, y]);
    this.paint({ ...stroke, points: stroke.points.slice(-2) });
  }

  undo() {
    this.strokes.pop();
    this.redraw();
  }

  redraw() {
    const { width, height } = this.canvas;
    this.context.clearRect(0, 0, width, height);
    this.strokes.forEach((stroke) => this.paint(stroke));
  }

  paint({ size, erase, points }) {
    const { canvas: { width, height }, context } = this;
    context.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
    context.strokeStyle = '#00e5ff';
    context.lineWidth = Math.max(1, size * Math.max(width, height));
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(points[0][0] * width + 0.01, points[0][1] * height); // a line of no length shows nothing
    points.forEach(([x, y]) => context.lineTo(x * width, y * height));
    context.stroke();
  }

  // mask returns a PNG file, white where something is painted, on black; null for nothing.
  async mask() {
    const { width, height } = this.canvas;
    const pixels = this.context.getImageData(0, 0, width, height);
    let any = false;
    for (let i = 0; i < pixels.data.length; i += 4) {
      const on = pixels.data[i + 3] >= 128;
      any ||= on;
      pixels.data.fill(on ? 255 : 0, i, i + 3);
      pixels.data[i + 3] = 255;
    }
    if (!any) {
      return null;
    }
    const copy = document.createElement('canvas');
    copy.width = width;
    copy.height = height;
    copy.getContext('2d').putImageData(pixels, 0, 0);
    return new Promise((resolve) => copy.toBlob(resolve, 'image/png'));
  }
}
