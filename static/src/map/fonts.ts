// Fonts of the map's names, as the machine has them: the map draws its letters
// itself and fetches none.

/** Song for places, as printed maps have it. */
export const SONG = ['Noto Serif CJK SC', 'Source Han Serif SC', 'Songti SC', 'STSong', 'SimSun', 'serif'];

/** The same in bold: the map takes the weight from the first name. */
export const BOLD_SONG = ['Bold', ...SONG];

/** Hei for villages and objects. */
export const HEI = ['Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif'];
