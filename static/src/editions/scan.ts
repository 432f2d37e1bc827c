// The scan of a decision on its way to the service.
import type { App } from '../app';
import { Uploads } from '../import/uploads';
import { Problem } from '../service';

/** Sends a scan, and gives the name of the finished upload; told: how many bytes have arrived. */
export function sendScan({ service, address }: App, file: File, told: (bytes: number) => void): Promise<string> {
  return new Promise((done, fail) => {
    const uploads: Uploads = new Uploads(service.base, () => address.language, () => {
      const [item] = uploads.items;
      told(item?.bytes ?? 0);
      if (item?.state === 'failed') fail(new Problem(0, item.error));
    }, ({ name }) => done(name));
    void uploads.add(file, { target: null, tier: null, layer: null });
  });
}
