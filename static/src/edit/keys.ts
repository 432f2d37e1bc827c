// Drawing and choosing by keyboard: a crosshair in the middle of the map, under
// which the arrow keys move the sheet.
import type { Map } from 'maplibre-gl';
import { TOOLS, type Spot, type Tool } from '../address';
import type { App } from '../app';
import type { Pen } from './pen';

/** How far an arrow key moves the sheet, in pixels; with Shift, for the last bit. */
const STEP = 40;
const FINE = 4;

const ARROWS: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Keys for the tools, while the map has the focus. */
export const TOOL_KEYS: Record<Tool, string> = { select: 'v', split: 's', merge: 'm', boundary: 'b', hand: 'h', rename: 'r', lock: 'l' };

export class Keys {
  private readonly crosshair = document.createElement('div');
  private open = false;

  constructor(
    private readonly app: App,
    private readonly map: Map,
    private readonly pen: Pen,
    private readonly choose: (place: Spot, more: boolean) => void,
  ) {
    this.crosshair.className = 'crosshair';
    this.crosshair.hidden = true;
    map.getContainer().append(this.crosshair);
    map.getCanvasContainer().addEventListener('keydown', (event) => this.key(event), { capture: true });
    map.getCanvas().addEventListener('pointermove', (event) => {
      if (event.isTrusted) this.crosshair.hidden = true;
    });
    map.getCanvas().addEventListener('blur', () => (this.crosshair.hidden = true));
    addEventListener('keydown', (event) => this.history(event));
  }

  show(open: boolean): void {
    this.open = open;
    if (!open) this.crosshair.hidden = true;
  }

  private key(event: KeyboardEvent): void {
    if (!this.open || event.ctrlKey || event.metaKey || event.altKey || !this.act(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What a key does; false: nothing of ours. */
  private act({ key, shiftKey }: KeyboardEvent): boolean {
    const { editor } = this.app;
    const drawing = editor.draws !== null;
    const arrow = ARROWS[key];
    if (arrow) {
      const by = shiftKey ? FINE : STEP;
      this.crosshair.hidden = false;
      this.map.panBy([arrow[0] * by, arrow[1] * by], { duration: 0 });
      if (drawing && this.pen.points.length) this.pen.hover();
      return true;
    }
    if (key === ' ' || (key === 'Enter' && !drawing)) {
      this.crosshair.hidden = false;
      if (drawing) this.pen.press();
      else this.choose(this.middle(), shiftKey || editor.tool === 'merge');
      return true;
    }
    if (key === 'Enter') {
      if (this.pen.points.length) this.pen.finish();
      else if (editor.ready) void editor.apply();
      return true;
    }
    if (key === 'Escape') {
      if (this.pen.points.length) this.pen.cancel();
      else if (editor.stroke || editor.preview) editor.cancel();
      else editor.clear();
      return true;
    }
    if (key === 'Backspace') {
      if (this.pen.points.length) this.pen.back();
      return true;
    }
    const tool = TOOLS.find((each) => TOOL_KEYS[each] === key.toLowerCase());
    if (tool) editor.use(tool);
    return tool !== undefined;
  }

  private middle(): Spot {
    const { lng, lat } = this.map.getCenter();
    return { lon: lng, lat };
  }

  /** Undo and redo, wherever on the page but in a field: of the line being drawn, then of the draft. */
  private history(event: KeyboardEvent): void {
    const field = event.target instanceof HTMLInputElement && event.target.type === 'text';
    if (this.app.address.mode !== 'edit' || field || event.target instanceof HTMLTextAreaElement || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const undo = key === 'z' && !event.shiftKey;
    const redo = key === 'y' || (key === 'z' && event.shiftKey);
    if (!undo && !redo) return;
    event.preventDefault();
    const { editor } = this.app;
    if (undo && this.pen.points.length) this.pen.back();
    else if (undo && (editor.stroke || editor.preview)) editor.cancel();
    else if (undo && editor.draft?.undo) void editor.undo();
    else if (redo && editor.draft?.redo) void editor.redo();
  }
}
