package collections

import "unigrid/grids"

// cellsDef is the unified grid. It stands here and not in the room cells,
// because a cell shows its people, layers and objects, which are above cells.
func cellsDef() *Def {
	return &Def{
		ID:    "cells",
		Title: grids.Text{ZH: "统一网格", EN: "Cells of the unified grid"},
		Description: grids.Text{
			ZH: "一张网格:各级网格、责任人、领导、各条线职责",
			EN: "The one grid: cells of all tiers with the accountable person, leaders and each layer's duty",
		},
		Geometry:  "MultiPolygon",
		Rows:      `cells.features($1, $2, $3) f`,
		Place:     `f.geom`,
		Key:       `f.code`,
		KeyType:   `text`,
		Order:     `USING ~<~`,
		Greater:   `~>~`,
		FeatureID: `f.code`,
		Find:      []string{`f.code = $6`, `f.uid::text = $6`},
		Identity:  `f.uid`,
		With: `
asked AS MATERIALIZED (SELECT array_agg(uid ORDER BY n) AS uids, array_agg(edition ORDER BY n) AS editions, array_agg(at ORDER BY n) AS instants FROM page),
who AS MATERIALIZED (SELECT * FROM people.accountables($1, (SELECT uids FROM asked), (SELECT editions FROM asked), (SELECT instants FROM asked)))`,
		Details: `
LEFT JOIN who a ON a.n = f.n
LEFT JOIN (
  SELECT chief.n, jsonb_agg(jsonb_build_object('person', chief.person_id, 'name', chief.name, 'post', chief.post, 'side', chief.side,
           'accountable', chief.accountable, 'acting', chief.acting)
           ORDER BY chief.rank, chief.side = 'party' DESC NULLS LAST, chief.accountable DESC, chief.person_id) AS list
  FROM (
    SELECT c.n, c.person_id, c.name, c.post, c.side, c.rank, c.accountable, false AS acting
    FROM people.chiefs($1, (SELECT uids FROM asked), (SELECT instants FROM asked)) c
    UNION ALL
    SELECT s.n, s.person_id, s.name, s.post, s.side, s.rank, true, true
    FROM who s WHERE s.holds <> (SELECT uids[s.n] FROM asked)
  ) chief
  GROUP BY chief.n
) leaders ON leaders.n = f.n
LEFT JOIN (
  SELECT p.n, jsonb_object_agg(l.code, jsonb_build_object(
           'lead', CASE WHEN w.person_id IS NOT NULL THEN jsonb_build_object('id', w.person_id, 'name', w.name) END,
           'objects', coalesce(c.objects, 0))) AS map
  FROM page p
  JOIN layers.layer l ON l.territory_id = $1 AND l.created_at <= p.at
  LEFT JOIN people.leads($1, (SELECT uids FROM asked), (SELECT instants FROM asked)) w ON w.n = p.n AND w.layer = l.code
  LEFT JOIN objects.counts($1, (SELECT uids FROM asked), (SELECT editions FROM asked), (SELECT instants FROM asked)) c ON c.n = p.n AND c.layer = l.code
  GROUP BY p.n
) duties ON duties.n = f.n
LEFT JOIN (
  SELECT p.n, jsonb_agg(jsonb_build_object('code', b.code, 'from', b.since, 'to', b.until) ORDER BY b.since) AS list
  FROM page p
  JOIN cells.aliases($1, (SELECT uids FROM asked)) b ON b.uid = p.uid AND b.code <> p.code
  GROUP BY p.n
) names ON names.n = f.n`,
		// of the imports up to the edition, the last one that sent the cell
		Sent: `
LEFT JOIN LATERAL (
  SELECT s.sent AS attributes, s.source_geom AS geom, s.batch, false AS as_sent
  FROM cells.sent s
  JOIN cells.step t ON t.territory_id = $1 AND t.batch = s.batch AND t.edition <= f.edition AND NOT t.undone
  WHERE s.territory_id = $1 AND s.cell_id = f.uid
  ORDER BY s.batch DESC LIMIT 1
) sent ON true`,
		Properties: append([]Property{
			{Name: "code", Type: String, SQL: `f.code`, Filter: `f.code`,
				Description: grids.Text{ZH: "区划代码,在该时刻有效", EN: "division code in force at that instant"}},
			{Name: "uid", Type: Integer, SQL: `f.uid`, Filter: `f.uid`,
				Description: grids.Text{ZH: "内部标识,不变、不复用", EN: "identity that never changes and is never reused"}},
			{Name: "name", Type: String, SQL: `f.name`, Filter: `f.name`,
				Description: grids.Text{ZH: "名称", EN: "name"}},
			{Name: "tier", Type: Integer, SQL: `f.tier`, Filter: `f.tier`,
				Description: grids.Text{ZH: "层级:1 市,2 县,3 乡镇,4 村,5 单元网格", EN: "depth: 1 city, 2 county, 3 township, 4 village, 5 unit cell"}},
			{Name: "parent", Type: String, SQL: `f.parent`, Filter: `f.parent`,
				Description: grids.Text{ZH: "上级网格代码", EN: "code of the cell one tier up"}},
			{Name: "leaf", Type: Boolean, SQL: `cells.is_leaf($1, f.uid, f.edition)`, Filter: `cells.is_leaf($1, f.uid, f.edition)`,
				Description: grids.Text{ZH: "是否为最小网格", EN: "whether it has no children"}},
			{Name: "accountable", Type: JSON, Nested: true, SQL: `CASE WHEN a.n IS NOT NULL THEN jsonb_build_object('id', a.person_id, 'name', a.name, 'post', a.post, 'acting', a.acting) END`,
				Description: grids.Text{ZH: "责任人 {id,name,post,acting}", EN: "the accountable person {id,name,post,acting}"}},
			{Name: "accountable_name", Short: "acc_name", Type: String, SQL: `a.name`,
				Description: grids.Text{ZH: "责任人姓名", EN: "the accountable person's name"}},
			{Name: "accountable_post", Short: "acc_post", Type: String, SQL: `a.post`,
				Description: grids.Text{ZH: "责任人职务", EN: "the accountable person's post"}},
			{Name: "accountable_acting", Short: "acc_acting", Type: Boolean, SQL: `a.acting`,
				Description: grids.Text{ZH: "是否由上级代管", EN: "whether a superior cell's stand-in acts"}},
			{Name: "layers", Type: JSON, SQL: `coalesce(duties.map, '{}')`,
				Description: grids.Text{ZH: "各条线 {条线: {lead, objects}}", EN: "by layer: {layer: {lead: {id,name} or null, objects}}"}},
			{Name: "leaders", Type: JSON, SQL: `coalesce(leaders.list, '[]')`,
				Description: grids.Text{ZH: "网格长、共同网格长,按排序号", EN: "chiefs and joint chiefs in protocol order"}},
			{Name: "aliases", Type: JSON, SQL: `coalesce(names.list, '[]')`,
				Description: grids.Text{ZH: "曾用代码", EN: "other codes it had: [{code, from, to}]"}},
			{Name: "area_m2", Type: Number, SQL: `f.area_m2`, Unit: "m2",
				Description: grids.Text{ZH: "面积(平方米)", EN: "area in square metres, measured in the territory's projected CRS"}},
			{Name: "provenance", Type: String, SQL: `f.provenance`, Filter: `f.provenance`, Enum: []string{"surveyed", "imported", "drawn", "demo"},
				Description: grids.Text{ZH: "界线来源", EN: "where its boundary comes from"}},
			{Name: "edition", Type: Integer, SQL: `f.edition`,
				Description: grids.Text{ZH: "版本号", EN: "the edition it was read from"}},
		}, validity()...),
	}
}
