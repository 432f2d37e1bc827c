// The divider between two maps that lie over another: a slider for hand and keys.
import type { Text } from '../language/text';

const STEP = 2;

export class SwipeDivider {
  readonly element = document.createElement('div');
  private readonly before = document.createElement('span');
  private readonly after = document.createElement('span');
  private readonly grip = document.createElement('div');
  private cutting: HTMLElement | null = null;
  private text: Text | null = null;
  /** How much of the width the earlier edition has, in per cent. */
  private share = 50;

  constructor() {
    this.element.className = 'divider';
    this.before.className = 'side before';
    this.after.className = 'side after';
    this.grip.className = 'grip';
    this.grip.tabIndex = 0;
    this.grip.setAttribute('role', 'slider');
    this.grip.setAttribute('aria-valuemin', '0');
    this.grip.setAttribute('aria-valuemax', '100');
    this.element.append(this.before, this.after, this.grip);
    this.grip.addEventListener('keydown', (event) => this.key(event));
    this.grip.addEventListener('pointerdown', (event) => {
      this.grip.setPointerCapture(event.pointerId);
      event.preventDefault();
      this.grip.focus();
    });
    this.grip.addEventListener('pointermove', (event) => {
      if (!this.grip.hasPointerCapture(event.pointerId)) return;
      const { left, width } = (this.element.parentElement ?? this.element).getBoundingClientRect();
      this.move(((event.clientX - left) / width) * 100);
    });
  }

  /** Shows of an element only what is right of the divider. */
  cut(element: HTMLElement): void {
    this.cutting = element;
    this.move(this.share);
  }

  label(text: Text, before: string, after: string): void {
    this.text = text;
    this.before.textContent = before;
    this.after.textContent = after;
    this.grip.setAttribute('aria-label', text.compare.swipe);
    this.move(this.share);
  }

  private key(event: KeyboardEvent): void {
    const to = { ArrowLeft: this.share - STEP, ArrowRight: this.share + STEP, PageDown: this.share - 5 * STEP, PageUp: this.share + 5 * STEP, Home: 0, End: 100 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(to);
  }

  private move(share: number): void {
    this.share = Math.min(Math.max(share, 0), 100);
    this.element.style.setProperty('--at', `${this.share}%`);
    this.grip.setAttribute('aria-valuenow', String(Math.round(this.share)));
    if (this.text) this.grip.setAttribute('aria-valuetext', this.text.compare.swiped(Math.round(this.share)));
    if (this.cutting) this.cutting.style.clipPath = `inset(0 0 0 ${this.share}%)`;
  }
}
