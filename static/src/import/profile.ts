import { html, nothing } from 'lit';
import { ImportPanel } from '../panels/panel';
import { choices } from '../panels/choices';
import { open } from './imports';

/** Settings kept for the next file of the kind. */
export class ImportProfile extends ImportPanel {
  static override properties = { ...ImportPanel.properties, name: { state: true } };

  declare name: string;

  constructor() {
    super();
    this.name = '';
  }

  protected override render(): unknown {
    const { text } = this;
    const { importer } = this.app;
    const { current, profiles } = importer;
    if (!current) return nothing;
    const off = !open(current) || importer.busy;
    const { profile, suggested_profile: offered, target } = current;
    const fitting = profiles.filter((each) => each.target === target);
    return html`<section>
      <h3>${text.import.profile}</h3>
      ${offered && !profile && !off
        ? html`<p class="done">${text.import.profileOffer(offered)} <button type="button" class="plain" @click=${() => void importer.change({ profile: offered })}>${text.import.profileUse}</button></p>`
        : nothing}
      ${fitting.length || profile ? html`
        ${choices('profile', text.import.profile, '', [['', text.import.profileNone], ...fitting.map((each): [string, string] => [each.name, each.name])], profile ?? '', (value) => void importer.change({ profile: value }), off)}
        ${profile ? html`<button type="button" class="link" ?disabled=${importer.busy} @click=${() => void importer.dropProfile(profile)}>${text.import.profileDrop(profile)}</button>` : nothing}` : nothing}
      <form class="other" @submit=${this.keep}>
        <label class="field"><span>${text.import.profileName}</span>
          <input type="text" name="profile-name" maxlength="100" autocomplete="off" .value=${this.name} @input=${(event: Event) => (this.name = (event.target as HTMLInputElement).value)} /></label>
        <button type="submit" class="plain" ?disabled=${!this.name.trim() || importer.busy}>${text.import.profileSave}</button>
      </form>
      <p class="hint">${text.import.profileHint}</p>
    </section>`;
  }

  private async keep(event: Event): Promise<void> {
    event.preventDefault();
    await this.app.importer.keepProfile(this.name.trim());
    if (!this.app.importer.problem) this.name = '';
  }
}

customElements.define('import-profile', ImportProfile);
