/** What kinds of findings of an import are called in English, where the kind's own name is not words enough. */
export const kindsEn: Record<string, string> = {
  ambiguous: 'several of that name',
  'ambiguous-cell': 'several villages of that name',
  'ambiguous-person': 'several people of that name',
  code: 'bad code',
  'datum-suspected': 'GCJ-02 or BD-09 suspected',
  geometry: 'bad shape',
  'gk-utm-suspected': 'UTM suspected',
  layer: 'bad layer',
  'm-dropped': 'M dropped',
  'rounded-code': 'code rounded by Excel',
  'z-dropped': 'height dropped',
};
