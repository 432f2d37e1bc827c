// What the page shows at the moment, and how panels and map change it.
import { basePath, formatAddress, parseAddress, ROOMS, type Address, type Mode, type Overlay, type Room, type Spot } from './address';
import type { DutyCell } from './duty/figures';
import { Editor } from './edit/mode';
import { Importer } from './import/importer';
import { textOf, type Text } from './language/text';
import { Bench } from './merge/bench';
import { Roster } from './people/roster';
import { Service, type Comparison, type MappedObject, type Schemas } from './service';

/** Where the map is to go with a change: nowhere, to the selected cell, to the address's camera, or to a spot. */
export type Flight = 'stay' | 'cell' | 'camera' | Spot;

/** An unlocated object on its way to a place. */
export interface Locating {
  object: MappedObject;
  spot: Spot | null;
}

/** The action that a mode or part of the side column needs, beyond reading. */
const NEEDED: Partial<Record<Mode | Room, string>> = {
  edit: 'draft.edit', compare: 'draft.read', import: 'imports.make', audit: 'audit.read', objects: 'objects.edit', duty: 'duty.read', people: 'people.read', merge: 'conflicts.read',
};

interface AppEvents {
  /** The address or the object being located changed. */
  change: CustomEvent<Flight>;
  /** Objects moved: what shows them is out of date. */
  objects: CustomEvent<undefined>;
  /** The editor's state changed: cells, selection, preview, draft. */
  edit: CustomEvent<undefined>;
  /** Imports changed: uploads, the open one, the row that is looked at. */
  import: CustomEvent<undefined>;
  /** The roster changed: whom it shows, who is chosen, the units. */
  people: CustomEvent<undefined>;
  /** The workbench of the merge changed: its conflicts, the one that is looked at, what is decided. */
  merge: CustomEvent<undefined>;
  /** Two editions are compared, or no longer. */
  compared: CustomEvent<Comparison | null>;
  /** The departments' layers are others now, or look otherwise. */
  layers: CustomEvent<undefined>;
  /** Other cells are to be marked on the map. */
  lit: CustomEvent<undefined>;
  /** The map is to show this box: west, south, east, north. */
  box: CustomEvent<readonly number[]>;
}

export class App extends EventTarget {
  address: Address;
  locating: Locating | null = null;
  /** What the page compares at the moment. */
  comparison: Comparison | null = null;
  /** Cells that a list speaks of, marked on the map. */
  lit: readonly DutyCell[] = [];
  /** The territory: west, south, east, north. */
  box: readonly [number, number, number, number] = [-180, -90, 180, 90];
  /** Who asks, and what they may do here. */
  me: Schemas['WhoAmI'] = { role: 'public', territory: '', within: [], layers: [], may: [], demo: false };
  readonly service: Service;
  readonly editor: Editor;
  readonly importer: Importer;
  readonly roster: Roster;
  readonly bench: Bench;

  constructor() {
    super();
    this.address = parseAddress(new URL(location.href), navigator.language);
    this.service = new Service(basePath(location.pathname), () => this.address.language);
    this.editor = new Editor(this);
    this.importer = new Importer(this);
    this.roster = new Roster(this);
    this.bench = new Bench(this);
    addEventListener('popstate', () => {
      this.address = parseAddress(new URL(location.href), navigator.language);
      this.changed('camera');
    });
  }

  get text(): Text {
    return textOf(this.address.language);
  }

  on<K extends keyof AppEvents>(type: K, listener: (event: AppEvents[K]) => void): void {
    this.addEventListener(type, listener as EventListener);
  }

  off<K extends keyof AppEvents>(type: K, listener: (event: AppEvents[K]) => void): void {
    this.removeEventListener(type, listener as EventListener);
  }

  /** Asks the service who one is here. */
  async identify(signal?: AbortSignal): Promise<void> {
    this.me = await this.service.get('/v1/session', signal);
    this.roster.follow();
    this.bench.follow();
  }

  /** Asks again: something about oneself has changed. */
  async identifyAgain(): Promise<void> {
    await this.identify();
    this.changed('stay');
  }

  /** Whether one may do something here, by the service's policy table. */
  may(action: string): boolean {
    return this.me.may.includes(action);
  }

  /** The parts of the side column that one may see. */
  get rooms(): readonly Room[] {
    return ROOMS.filter((room) => this.may(NEEDED[room] ?? 'catalog'));
  }

  /** Leaves what the address asks for and one may not see. */
  confine(): void {
    const { mode, room } = this.address;
    if (!this.may(NEEDED[mode] ?? 'catalog')) this.address = { ...this.address, mode: 'read' };
    if (!this.rooms.includes(room)) this.address = { ...this.address, room: 'overview' };
  }

  /** Changes the address, as a step that the browser can go back from. */
  go(change: Partial<Address>, flight: Flight = 'stay'): void {
    this.address = { ...this.address, ...change };
    history.pushState(null, '', formatAddress(this.address, location.pathname));
    this.changed(flight);
  }

  /** Shows another address for as long as a hand moves a slider, without noting it. */
  peek(change: Partial<Address>): void {
    this.address = { ...this.address, ...change };
    this.changed('stay');
  }

  /** Notes where the map looks, without a step of its own. */
  looked(camera: Address['camera']): void {
    this.address = { ...this.address, camera };
    history.replaceState(null, '', formatAddress(this.address, location.pathname));
  }

  /** Selects a cell and flies to it. */
  visit(cell: string): void {
    this.go({ cell, spot: null }, 'cell');
  }

  show(overlay: Overlay, on: boolean): void {
    const shown = new Set(this.address.shown);
    if (on) shown.add(overlay);
    else shown.delete(overlay);
    this.go({ shown });
  }

  locate(locating: Locating | null): void {
    this.locating = locating;
    this.changed('stay');
  }

  /** Tells that objects moved. */
  moved(): void {
    this.dispatchEvent(new CustomEvent('objects'));
  }

  edited(): void {
    this.dispatchEvent(new CustomEvent('edit'));
  }

  imported(): void {
    this.dispatchEvent(new CustomEvent('import'));
  }

  listed(): void {
    this.dispatchEvent(new CustomEvent('people'));
  }

  merged(): void {
    this.dispatchEvent(new CustomEvent('merge'));
  }

  /** Tells that layers were added or changed. */
  relayered(): void {
    this.dispatchEvent(new CustomEvent('layers'));
  }

  compare(comparison: Comparison | null): void {
    this.comparison = comparison;
    this.dispatchEvent(new CustomEvent('compared', { detail: comparison }));
  }

  /** Marks cells on the map, and no others. */
  light(cells: readonly DutyCell[]): void {
    this.lit = cells;
    this.dispatchEvent(new CustomEvent('lit'));
  }

  /** Shows a box on the map. */
  frame(box: readonly number[]): void {
    this.dispatchEvent(new CustomEvent('box', { detail: box }));
  }

  private changed(flight: Flight): void {
    this.dispatchEvent(new CustomEvent('change', { detail: flight }));
  }
}
