// The page: the map with its title and notices, the side column, the cell's panel.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { Task } from '@lit/task';
import type { Room } from './address';
import { App } from './app';
import { EVERYTHING } from './audit/query';
import { instant } from './language/time';
import { bounds } from './map/edge';
import { GridMap, type Ground } from './map/map';
import { draftShown } from './map/sheet';
import { AT_FIRST } from './merge/query';
import { failure } from './panels/panel';
import { EVERYBODY } from './people/query';
import { Problem, type Stats } from './service';
import './account/account';
import './audit/board';
import './audit/panel';
import './duty/panel';
import './export/dialogue';
import './import/board';
import './import/drop';
import './import/workspace';
import './merge/blend';
import './merge/circulation';
import './merge/detail';
import './merge/panel';
import './merge/publish';
import './merge/rules';
import './merge/team';
import './people/board';
import './people/panel';
import './panels/cells';
import './panels/change';
import './panels/compare';
import './panels/edit';
import './panels/layers';
import './panels/legend';
import './panels/notice';
import './panels/objects';
import './panels/overview';
import './panels/search';
import './panels/territories';
import './panels/tools';

declare global {
  interface Window {
    /** For tests and the curious: the MapLibre map, all of them while editions are compared, and the page's state. */
    unigrid?: { map: GridMap['map']; maps: GridMap['map'][]; app: App };
  }
}

class UnigridApp extends LitElement {
  static override properties = { sheet: { state: true }, drafted: { state: true }, figures: { state: true } };

  /** On a narrow page: whether the side column or cell's panel is drawn up. */
  declare sheet: boolean;
  /** Whether the map shows the open draft. */
  declare drafted: boolean;
  /** The territory's figures, where they were read again since the start. */
  declare figures: Stats | null;

  private readonly app = new App();
  private map: GridMap | null = null;

  private readonly start = new Task(this, {
    task: async (_, { signal }): Promise<Ground> => {
      const { service } = this.app;
      await this.app.identify(signal);
      this.app.confine();
      if (this.app.me.must_change) throw new Problem(403, this.app.text.account.mustChange);
      const stats = await service.stats(signal);
      const root = stats.territory.code;
      const [territory, summary] = await Promise.all([service.boundary(root, signal), service.summary(root, signal)]);
      this.app.box = bounds(territory.geometry);
      return { stats, territory, counties: summary.children.map(({ code }) => code) };
    },
    args: () => [],
  });

  constructor() {
    super();
    this.sheet = this.app.address.cell !== null;
    this.drafted = false;
    for (const event of ['change', 'edit'] as const) this.app.on(event, () => (this.drafted = draftShown(this.app) !== ''));
    this.figures = null;
    this.app.on('layers', () => void this.relayer());
    this.app.on('change', () => {
      if (this.app.address.cell) this.sheet = true;
      if (this.app.locating && !this.app.locating.spot) this.sheet = false;
      this.requestUpdate();
    });
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** The map is made once the page stands that holds it. */
  protected override updated(): void {
    const started = this.start.value;
    const container = this.querySelector<HTMLElement>('#map');
    const readout = this.querySelector<HTMLElement>('#readout');
    if (this.map || !started || !container || !readout) return;
    this.map = new GridMap(this.app, container, readout, started);
    window.unigrid = { map: this.map.map, maps: this.map.maps, app: this.app };
  }

  protected override render(): unknown {
    document.documentElement.lang = this.app.text.language;
    return this.start.render({
      pending: () => html`<p class="loading whole" role="status">${this.app.text.loading}</p>`,
      error: (error) => html`<div class="whole">${error instanceof Problem && [401, 403].includes(error.status) ? this.door(error) : failure(this.app.text, error, () => void this.start.run())}</div>`,
      complete: ({ stats }) => this.page(this.figures ?? stats),
    });
  }

  /** Shows layers that were added or changed. */
  private async relayer(): Promise<void> {
    this.figures = await this.app.service.stats();
    this.map?.relayer(this.figures.layers);
  }

  /** What who may not see the territory sees: the way in. */
  private door(error: Problem): TemplateResult {
    const { app } = this;
    const { account } = app.text;
    if (app.me.name) {
      return html`<section class="sign-first"><h1>${app.text.mapName}</h1><p>${error.message}</p><account-menu .app=${app}></account-menu></section>`;
    }
    return html`<section class="sign-first"><h1>${account.heading}</h1><p>${account.needed}</p><sign-in-form .app=${app}></sign-in-form></section>`;
  }

  private page(stats: Stats): TemplateResult {
    const { app } = this;
    const { text } = app;
    document.title = text.mapTitle(stats.territory.name);
    return html`
      <div class="sheet ${this.sheet ? 'up' : ''}">
        <button
          type="button"
          class="handle"
          aria-expanded=${this.sheet}
          aria-label=${this.sheet ? text.controls.sheetClose : text.controls.sheetOpen}
          @click=${() => (this.sheet = !this.sheet)}
        ></button>
        ${app.address.mode === 'edit' ? html`<change-card class="detail change" .app=${app} .stats=${stats}></change-card>` : nothing}
        ${app.address.mode === 'read' && app.address.cell ? html`<cells-panel class="detail" .app=${app} .stats=${stats}></cells-panel>` : nothing}
        ${this.side(stats)}
        ${app.address.mode === 'import' && app.address.import !== null ? html`<import-board .app=${app} .stats=${stats}></import-board>` : nothing}
        ${app.address.mode === 'audit' ? html`<audit-board .app=${app} .stats=${stats}></audit-board>` : nothing}
        ${app.address.mode === 'merge' ? html`<merge-card .app=${app} .stats=${stats}></merge-card>` : nothing}
        ${app.address.mode === 'merge' ? this.desk(stats) : nothing}
        ${app.address.mode === 'people' ? html`<people-board .app=${app} .stats=${stats}></people-board>` : nothing}
      </div>
      <main>
        <div id="map"></div>
        <div id="readout" aria-hidden="true" hidden></div>
        ${this.heading(stats)}
        ${app.address.mode === 'edit' ? html`<edit-tools .app=${app} .stats=${stats}></edit-tools>` : nothing}
        ${app.address.mode === 'merge' ? html`<layer-blend .app=${app} .stats=${stats}></layer-blend>` : nothing}
        <map-legend .app=${app} .stats=${stats}></map-legend>
        <map-notice .app=${app} .stats=${stats}></map-notice>
        ${app.may('imports.make') ? html`<import-drop .app=${app} .stats=${stats}></import-drop>` : nothing}
        ${app.locating ? html`<p class="banner" role="status">${text.objects.pick(app.locating.object.name)}</p>` : nothing}
      </main>
    `;
  }

  private heading(stats: Stats): TemplateResult {
    const { text } = this.app;
    const { territory, edition, effective } = stats;
    return html`<header class="title">
      <h1><span>${territory.name}</span><span>${text.mapName}</span></h1>
      <p class="seal ${this.drafted ? 'drafted' : ''}">${this.drafted && this.app.editor.draft ? text.edit.draft(this.app.editor.draft.edition) : text.edition(edition)}</p>
      ${effective && !this.drafted ? html`<p class="effective">${text.effective(instant(text, effective))}</p>` : nothing}
    </header>`;
  }

  private side(stats: Stats): TemplateResult {
    const { app } = this;
    const { text, address } = app;
    return html`<aside aria-label=${text.roomsLabel}>
      <div class="top">
        <search-box .app=${app} .stats=${stats}></search-box>
        <button type="button" class="plain" lang=${text.other.code} @click=${() => app.go({ language: text.language === 'zh' ? 'en' : 'zh' })}>${text.other.name}</button>
        <button type="button" class="plain" @click=${() => this.map?.whole()}>${text.controls.whole}</button>
        ${this.modes()}
        ${app.may('exports.make') ? html`<export-dialogue .app=${app} .stats=${stats}></export-dialogue>` : nothing}
        <account-menu .app=${app} .stats=${stats}></account-menu>
      </div>
      ${address.mode === 'edit' ? html`<edit-panel class="mode" .app=${app} .stats=${stats}></edit-panel>`
        : address.mode === 'import' ? html`<import-workspace class="mode" .app=${app} .stats=${stats}></import-workspace>`
        : address.mode === 'audit' ? html`<audit-panel class="mode" .app=${app} .stats=${stats}></audit-panel>`
        : address.mode === 'people' ? html`<people-panel class="mode" .app=${app} .stats=${stats}></people-panel>`
        : address.mode === 'merge' ? html`<merge-panel class="mode" .app=${app} .stats=${stats}></merge-panel>`
        : address.mode === 'compare' ? html`<compare-panel class="mode" .app=${app} .stats=${stats}></compare-panel>`
        : this.rooms(stats)}
      <territory-switch .app=${app} .stats=${stats}></territory-switch>
    </aside>`;
  }

  /** What a part of the workbench has in place of the map. */
  private desk(stats: Stats): TemplateResult | typeof nothing {
    const { app } = this;
    switch (app.address.merge.view) {
      case 'rules': return html`<rules-board .app=${app} .stats=${stats}></rules-board>`;
      case 'team': return html`<team-board .app=${app} .stats=${stats}></team-board>`;
      case 'circulation': return html`<circulation-board .app=${app} .stats=${stats}></circulation-board>`;
      case 'publish': return html`<publish-board .app=${app} .stats=${stats}></publish-board>`;
      default: return nothing;
    }
  }

  /** The ways into editing, comparing and importing, or the way back. */
  private modes(): TemplateResult {
    const { app } = this;
    const { text, address } = app;
    if (address.mode !== 'read') {
      return html`<button type="button" class="plain" data-mode="read" @click=${() => app.go({ mode: 'read' })}>${text[address.mode].leave}</button>`;
    }
    return html`${app.may('draft.edit') ? html`<button type="button" class="plain" data-mode="edit" @click=${this.edit}>${text.edit.open}</button>` : nothing}
      ${app.may('editions.read') && app.may('draft.read') ? html`<button type="button" class="plain" data-mode="compare" @click=${() => app.go({ mode: 'compare', cell: null, spot: null })}>${text.compare.open}</button>` : nothing}
      ${app.may('conflicts.read') ? html`<button type="button" class="plain" data-mode="merge" @click=${this.merge}>${text.merge.open}</button>` : nothing}
      ${app.may('imports.make') ? html`<button type="button" class="plain" data-mode="import" @click=${() => app.go({ mode: 'import', import: null, cell: null, spot: null })}>${text.import.open}</button>` : nothing}
      ${app.may('audit.read') ? html`<button type="button" class="plain" data-mode="audit" @click=${() => app.go({ mode: 'audit', audit: EVERYTHING, cell: null, spot: null })}>${text.audit.open}</button>` : nothing}
      ${app.may('people.read') ? html`<button type="button" class="plain" data-mode="people" @click=${() => app.go({ mode: 'people', people: EVERYBODY, cell: null, spot: null })}>${text.people.open}</button>` : nothing}`;
  }

  /** Starts on the selected cell, when there is one. */
  private edit(): void {
    const { app } = this;
    const { cell } = app.address;
    app.go({ mode: 'edit', parent: null, tool: 'select', part: 'cells', cell: null, spot: null });
    if (cell) void app.editor.pick(cell);
  }

  /** Shows all layers, so that one sees what disagrees. */
  private merge(): void {
    const { app } = this;
    const layers = (this.figures ?? this.start.value?.stats)?.layers.map(({ layer }) => layer) ?? [];
    app.go({ mode: 'merge', merge: AT_FIRST, cell: null, spot: null, shown: new Set([...app.address.shown, ...layers]) });
  }

  private rooms(stats: Stats): TemplateResult {
    const { app } = this;
    const { text, address } = app;
    return html`
      <div class="rooms" role="tablist" aria-label=${text.roomsLabel} @keydown=${this.roomKey}>
        ${app.rooms.map((room) => html`<button
          type="button"
          role="tab"
          id="tab-${room}"
          aria-selected=${room === address.room}
          aria-controls="room"
          tabindex=${room === address.room ? 0 : -1}
          @click=${() => this.enter(room)}
        >${text.rooms[room]}</button>`)}
      </div>
      <div id="room" role="tabpanel" aria-labelledby="tab-${address.room}" tabindex="0">${this.room(address.room, stats)}</div>`;
  }

  private room(room: Room, stats: Stats): TemplateResult {
    const { app } = this;
    switch (room) {
      case 'overview': return html`<overview-panel .app=${app} .stats=${stats}></overview-panel>`;
      case 'layers': return html`<layers-panel .app=${app} .stats=${stats}></layers-panel>`;
      case 'objects': return html`<objects-panel .app=${app} .stats=${stats}></objects-panel>`;
      case 'duty': return html`<duty-panel .app=${app} .stats=${stats}></duty-panel>`;
    }
  }

  private enter(room: Room): void {
    this.sheet = true;
    this.app.go({ room });
  }

  private async roomKey(event: KeyboardEvent): Promise<void> {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const { rooms } = this.app;
    const room = rooms[(rooms.indexOf(this.app.address.room) + step + rooms.length) % rooms.length];
    if (!room) return;
    this.enter(room);
    await this.updateComplete;
    this.querySelector<HTMLElement>(`#tab-${room}`)?.focus();
  }
}

customElements.define('unigrid-app', UnigridApp);
