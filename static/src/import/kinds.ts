import type { Text } from '../language/text';

/** What a kind of finding is called; one that has no words yet, as the service calls it. */
export function kindName(text: Text, kind: string): string {
  return text.import.kinds[kind] ?? kind.replaceAll('-', ' ');
}
