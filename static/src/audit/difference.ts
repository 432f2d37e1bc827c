// What differs between the values before and after a change, field by field.

export type Values = Record<string, unknown>;

export interface Field {
  name: string;
  was: string | null;
  is: string | null;
}

/** Fields that differ; of values that hold values, those of them. */
export function differences(before: Values, after: Values): Field[] {
  const fields: Field[] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[name], after[name]];
    if (isValues(was) && (isValues(is) || is === undefined) || isValues(is) && was === undefined) {
      for (const field of differences(isValues(was) ? was : {}, isValues(is) ? is : {})) {
        if (field.was !== field.is) fields.push({ ...field, name: `${name}.${field.name}` });
      }
    } else {
      fields.push({ name, was: shown(was), is: shown(is) });
    }
  }
  return fields;
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** null: there was or is nothing. */
function shown(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (Array.isArray(value)) return value.map((one) => shown(one) ?? '').join(', ') || null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
