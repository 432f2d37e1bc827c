// What each tool asks the service for, from what is selected, drawn and filled in.
import { bounds } from '../map/edge';
import { base, type Edit } from './draft';
import type { Editor } from './mode';
import { meet } from './shape';

/** What is filled in beside the map. */
export interface Form {
  code?: string;
  name?: string;
  /** uid of the cell that goes on after a merge. */
  keep?: string;
  locked?: boolean;
  disputed?: boolean;
  reason?: string;
}

/** The edit that the editor's state describes; null while something is missing. */
export function request(editor: Editor): Edit | null {
  const { tool, chosen, stroke, form, parent } = editor;
  const [cell] = chosen;
  const named = { ...(form.code ? { code: form.code } : {}), ...(form.name ? { name: form.name } : {}) };
  const line = stroke?.type === 'LineString' && stroke.coordinates.length > 1 ? { line: stroke } : null;
  switch (tool) {
    case 'select':
      return null;
    case 'split':
      return cell && line ? { op: 'split', cell: base(cell), ...line } : null;
    case 'merge':
      return chosen.length > 1 ? { op: 'merge', cells: chosen.map(base), ...named, ...(form.keep ? { keep: form.keep } : {}) } : null;
    case 'boundary':
      return chosen.length === 2 && line ? { op: 'move-boundary', cells: chosen.map(base), ...line } : null;
    case 'hand': {
      if (!parent || stroke?.type !== 'Polygon' || (stroke.coordinates[0]?.length ?? 0) < 4) return null;
      const box = bounds({ type: 'MultiPolygon', coordinates: [stroke.coordinates] });
      const siblings = editor.cells.filter((other) => other.properties.leaf && meet(bounds(other.geometry), box));
      return { op: 'hand', parent: base(parent), ...(siblings.length ? { siblings: siblings.map(base) } : {}), polygon: stroke, ...named };
    }
    case 'rename': {
      if (!cell) return null;
      const changed = {
        ...(form.code && form.code !== cell.properties.code ? { code: form.code } : {}),
        ...(form.name && form.name !== cell.properties.name ? { name: form.name } : {}),
      };
      return Object.keys(changed).length ? { op: 'rename', cell: base(cell), ...changed } : null;
    }
    case 'lock': {
      if (!cell) return null;
      const { locked, disputed } = cell.properties;
      const wanted = { locked: form.locked ?? locked, disputed: form.disputed ?? disputed };
      if (!form.reason || (wanted.locked === locked && wanted.disputed === disputed)) return null;
      return { op: 'lock', cell: base(cell), ...wanted, reason: form.reason };
    }
  }
}
