// Wheel, drag, pinch and click on a canvas. x and y in px from its corner.

export interface Gestures {
  pan(px: number): void;
  /** Returns whether anything changed; where nothing does the wheel scrolls the page. */
  zoom(times: number, x: number): boolean;
  point(x: number, y: number): void;
  leave(): void;
  choose(x: number, y: number): void;
}

const CLICK = 4; // px that a click may stray

export function listen(canvas: HTMLCanvasElement, gestures: Gestures): void {
  const fingers = new Map<number, { x: number; y: number }>();
  let strayed = 0;
  const place = (event: PointerEvent | WheelEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  canvas.addEventListener(
    "wheel",
    (event) => {
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
      const across = (event.shiftKey ? event.deltaX || event.deltaY : event.deltaX) * unit;
      if (event.shiftKey || Math.abs(across) > Math.abs(event.deltaY * unit)) {
        gestures.pan(-across);
        event.preventDefault();
        return;
      }
      const times = Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.002));
      if (gestures.zoom(times, place(event).x)) event.preventDefault();
    },
    { passive: false },
  );
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    if (fingers.size === 0) strayed = 0;
    fingers.set(event.pointerId, place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = place(event);
    const before = fingers.get(event.pointerId);
    if (!before) return gestures.point(now.x, now.y);
    if (fingers.size === 1) {
      strayed += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
      if (strayed > CLICK) gestures.pan(now.x - before.x);
    } else {
      strayed = Infinity;
      const other = [...fingers].find(([id]) => id !== event.pointerId)![1];
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      const is = Math.hypot(now.x - other.x, now.y - other.y);
      gestures.pan((now.x - before.x) / 2);
      if (was > 0 && is > 0) gestures.zoom(is / was, (now.x + other.x) / 2);
    }
    fingers.set(event.pointerId, now);
  });
  const lift = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || event.type === "pointercancel") return;
    if (fingers.size === 0 && strayed <= CLICK) {
      const { x, y } = place(event);
      gestures.choose(x, y);
    }
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => gestures.leave());
}
