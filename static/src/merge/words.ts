// How conflicts and ways to settle them are said.
import type { Text } from '../language/text';
import { number, said } from '../language/text';
import type { Layer } from '../service';
import type { Alternative, Conflict, Detail } from './requests';

/** The name of a layer by its code. */
export function layerName(text: Text, layers: readonly Layer[], code: string): string {
  const found = layers.find(({ layer }) => layer === code);
  return found ? said(text, found.name.en, found.name.zh) : code;
}

/** A way to settle a conflict; people are named as far as its detail knows them. */
export function resolution(text: Text, layers: readonly Layer[], value: string, detail: Detail = {}): string {
  const { merge } = text;
  const [, prefix, rest = ''] = /^(accountable|interim|layer):(.*)$/.exec(value) ?? [];
  switch (prefix) {
    case 'accountable': return merge.accountable(person(detail, rest));
    case 'interim': return merge.interimBy(person(detail, rest));
    case 'layer': return merge.layerFirst(layerName(text, layers, rest));
    default: return merge.resolutions[value] ?? value;
  }
}

function person({ own, acting, named = [], interim, person: busy }: Detail, staffNo: string): string {
  return [own, acting, interim, busy, ...named].find((one) => one?.staff_no === staffNo)?.name ?? staffNo;
}

/** Who settled it: a person, or a rule as "rule 3: keep-base-boundary". */
export function authority(text: Text, layers: readonly Layer[], by: string): string {
  const [, n, what] = /^rule (\d+): (.*)$/.exec(by) ?? [];
  return n && what ? text.merge.rule(n, resolution(text, layers, what)) : by;
}

/** What a conflict is about, in a word: its cell, else whatever it names. */
export function place({ cell, detail }: Pick<Conflict, 'cell' | 'detail'>): string {
  return cell?.name ?? detail.object?.name ?? detail.cell_name ?? detail.cells?.[0]?.name ?? detail.cells?.[0]?.code ?? detail.person?.name ?? '';
}

/** What a way to settle it comes to, but for the area. */
export function consequences(text: Text, { cells, objects, people, area_m2 }: Alternative): string[] {
  const { none, ...of } = text.merge.consequences;
  const parts = [
    ...(cells ? [of.cells(number(text, cells))] : []),
    ...(objects ? [of.objects(number(text, objects))] : []),
    ...(people ? [of.people(number(text, people))] : []),
  ];
  return parts.length || area_m2 ? parts : [none];
}
