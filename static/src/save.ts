import type { Service } from './service';

/** Fetches a file, hands it to the browser to keep, and gives its name; what the service says against it is thrown. */
export async function save(service: Service, path: string, signal?: AbortSignal): Promise<string> {
  const file = await service.file(path, signal);
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return file.name;
}
