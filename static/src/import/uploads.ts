// Uploads that go on after a pause, a broken line or a reload (tus 1.0).
import { DetailedError, Upload, defaultOptions } from 'tus-js-client';
import type { Target } from './imports';

const RETRIES_MS = [0, 1000, 3000, 5000, 10_000, 20_000];
/** What is lost at most when a line breaks. */
const CHUNK_BYTES = 16 * 1024 * 1024;

/** What an upload is to become. */
export interface Purpose {
  target: Target | null;
  tier: number | null;
  layer: string | null;
}

/** Whether it is said what it becomes: of cells the tier, too, of a layer's cells the layer. */
export function purposeful({ target, tier, layer }: Purpose): boolean {
  return target !== null && (target !== 'cells' || tier !== null) && (target !== 'layer-cells' || layer !== null);
}

export type Sending = 'sending' | 'paused' | 'sent' | 'failed';

export interface Item {
  readonly key: number;
  readonly file: File;
  state: Sending;
  bytes: number;
  /** Bytes a second, lately. */
  rate: number;
  /** What the service says against it. */
  error: string;
  purpose: Purpose;
  /** Name of the finished upload. */
  name: string;
}

/** An upload of an earlier visit: the same file goes on where it stopped. */
export interface Unfinished {
  name: string;
  size: number;
  begun: string;
  key: string;
}

export class Uploads {
  items: readonly Item[] = [];
  private readonly sending = new Map<number, Upload>();
  private next = 1;

  /** base: "" or "/t/CODE"; changed: is told of everything; sent: of each upload that arrived whole. */
  constructor(
    private readonly base: string,
    private readonly language: () => string,
    private readonly changed: () => void,
    private readonly sent: (item: Item) => void,
  ) {}

  private get endpoint(): string {
    return `${location.origin}${this.base}/v1/uploads/`;
  }

  async add(file: File, purpose: Purpose): Promise<void> {
    const item: Item = { key: this.next++, file, state: 'sending', bytes: 0, rate: 0, error: '', purpose, name: '' };
    this.items = [...this.items, item];
    const upload = this.upload(item);
    this.sending.set(item.key, upload);
    this.changed();
    const [before] = await upload.findPreviousUploads();
    if (before) upload.resumeFromPreviousUpload(before);
    if (item.state === 'sending') upload.start();
  }

  private upload(item: Item): Upload {
    let since = performance.now();
    let until = 0;
    return new Upload(item.file, {
      endpoint: this.endpoint,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRIES_MS,
      metadata: { filename: item.file.name },
      headers: { 'Accept-Language': this.language() },
      removeFingerprintOnSuccess: true,
      onProgress: (bytes) => {
        const now = performance.now();
        if (now - since > 500) {
          if (until) item.rate = ((bytes - until) / (now - since)) * 1000;
          [since, until] = [now, bytes];
        }
        this.set(item, { bytes });
      },
      onError: (error) => this.set(item, { state: 'failed', error: said(error) }),
      onSuccess: () => {
        const { url } = this.sending.get(item.key) ?? {};
        this.set(item, { state: 'sent', bytes: item.file.size, name: decodeURIComponent((url ?? '').split('/').at(-1) ?? '') });
        this.sent(item);
      },
    });
  }

  async pause({ key }: Item): Promise<void> {
    const item = this.items.find((each) => each.key === key);
    if (!item || item.state !== 'sending') return;
    this.set(item, { state: 'paused', rate: 0 });
    await this.sending.get(key)?.abort();
  }

  resume({ key }: Item): void {
    const item = this.items.find((each) => each.key === key);
    if (!item || item.state === 'sending') return;
    this.set(item, { state: 'sending', error: '' });
    this.sending.get(key)?.start();
  }

  /** Takes it back: what has arrived of it is thrown away. */
  async cancel({ key }: Item): Promise<void> {
    const upload = this.sending.get(key);
    this.forget(key);
    await upload?.abort(upload.url !== null).catch(() => undefined);
  }

  forget(key: number): void {
    this.items = this.items.filter((item) => item.key !== key);
    this.sending.delete(key);
    this.changed();
  }

  assign(key: number, purpose: Partial<Purpose>): void {
    const item = this.items.find((each) => each.key === key);
    if (item) this.set(item, { purpose: { ...item.purpose, ...purpose } });
  }

  /** Uploads of earlier visits that never arrived whole. */
  async unfinished(): Promise<Unfinished[]> {
    const { urlStorage } = defaultOptions;
    const before = urlStorage ? await urlStorage.findAllUploads() : [];
    const under = new Set([...this.sending.values()].map(({ url }) => url));
    return before
      .filter(({ uploadUrl }) => uploadUrl?.startsWith(this.endpoint) && !under.has(uploadUrl))
      .map(({ metadata, size, creationTime, urlStorageKey }) => ({
        name: metadata['filename'] ?? '', size: size ?? 0, begun: new Date(creationTime).toISOString(), key: urlStorageKey,
      }));
  }

  /** Drops an upload of an earlier visit from the list. */
  async dismiss(key: string): Promise<void> {
    await defaultOptions.urlStorage?.removeUpload(key);
    this.changed();
  }

  private set(item: Item, change: Partial<Item>): void {
    Object.assign(item, change);
    this.changed();
  }
}

/** What the service said, or the line: "" where there is nothing for people in it. */
function said(error: Error): string {
  if (!(error instanceof DetailedError)) return error.message;
  const body = error.originalResponse?.getBody() ?? '';
  try {
    const { detail, title } = JSON.parse(body) as { detail?: string; title?: string };
    return detail ?? title ?? '';
  } catch {
    return '';
  }
}
