-- +goose Up
-- Rights of circulation, asked once a statement instead of once a row where the
-- answer is the same; an account that is bound to the whole territory's own code
-- is one of the whole territory.
CREATE FUNCTION circulation.whole(territory int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.governs(territory) AND (NOT access.bound() OR access.within(territory, (SELECT t.code FROM cells.territory t WHERE t.id = territory)))
$$;
CREATE OR REPLACE FUNCTION circulation.leads(territory int) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.may('conflicts.settle') AND circulation.whole(territory) AND access.layer(NULL)
$$;
CREATE OR REPLACE FUNCTION circulation.speaks(territory int, layer text, county text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT access.governs(territory) AND CASE WHEN layer IS NOT NULL
    THEN access.layer(layer) AND NOT access.layer(NULL) AND circulation.whole(territory)
    ELSE access.bound() AND access.within(territory, county) AND access.layer(NULL) AND NOT circulation.whole(territory) END
    AND access.may('opinions.give')
$$;
DROP POLICY party_read ON circulation.party;
DROP POLICY party_insert ON circulation.party;
DROP POLICY item_read ON circulation.item;
DROP POLICY item_insert ON circulation.item;
DROP POLICY concern_insert ON circulation.concern;
DROP FUNCTION circulation.oversees(int);
CREATE POLICY party_read ON circulation.party FOR SELECT TO unigrid_app
  USING (((SELECT access.may('conflicts.settle') OR access.may('audit.read')) AND access.governs(territory_id)) OR circulation.speaks(territory_id, layer, county));
CREATE POLICY item_read ON circulation.item FOR SELECT TO unigrid_app
  USING (((SELECT access.may('conflicts.settle') OR access.may('audit.read')) AND access.governs(territory_id))
    OR EXISTS (SELECT FROM circulation.concern c WHERE c.territory_id = item.territory_id AND c.round_id = item.round_id AND c.conflict = item.conflict));
CREATE POLICY party_insert ON circulation.party FOR INSERT TO unigrid_app
  WITH CHECK ((SELECT access.may('conflicts.settle') AND access.layer(NULL)) AND circulation.whole(territory_id));
CREATE POLICY item_insert ON circulation.item FOR INSERT TO unigrid_app
  WITH CHECK ((SELECT access.may('conflicts.settle') AND access.layer(NULL)) AND circulation.whole(territory_id));
CREATE POLICY concern_insert ON circulation.concern FOR INSERT TO unigrid_app
  WITH CHECK ((SELECT access.may('conflicts.settle') AND access.layer(NULL)) AND circulation.whole(territory_id));
