package collections

import "unigrid/grids"

// objectsDef is the collection of the objects of one kind.
func objectsDef(k grids.ObjectKind) *Def {
	return &Def{
		ID:    k.Collection,
		Title: k.Title,
		Description: grids.Text{
			ZH: k.Title.ZH + "及所在网格;无坐标者几何为空",
			EN: k.Title.EN + " with the cells they lie in; unlocated ones have no geometry",
		},
		Rows:      `objects.features($1, '` + k.Kind + `', $3, $5, $4) f`,
		Place:     `f.geom`,
		Key:       `f.code`,
		KeyType:   `text`,
		Greater:   `>`,
		FeatureID: `f.code`,
		Find:      []string{`f.code = $6`, `f.uid::text = $6`},
		Identity:  `f.uid`,
		Sent: `
LEFT JOIN LATERAL (
  SELECT s.sent AS attributes, s.source_geom AS geom, s.batch,
         -- nobody has given it another place since
         f.geom::bytea = (SELECT b.geom::bytea FROM objects.version b WHERE b.territory_id = $1 AND b.object_id = f.uid AND b.batch = v.batch
                          ORDER BY lower(b.during) LIMIT 1) AS as_sent
  FROM objects.version v
  CROSS JOIN LATERAL (SELECT * FROM objects.sent s WHERE s.territory_id = $1 AND s.object_id = f.uid AND s.batch = v.batch OFFSET 0) s
  WHERE v.territory_id = $1 AND v.object_id = f.uid AND lower(v.during) = f.valid_from
  OFFSET 0
) sent ON true`,
		Properties: append([]Property{
			{Name: "code", Type: String, SQL: `f.code`, Filter: `f.code`,
				Description: grids.Text{ZH: "编码", EN: "code"}},
			{Name: "uid", Type: Integer, SQL: `f.uid`, Filter: `f.uid`,
				Description: grids.Text{ZH: "内部标识", EN: "identity"}},
			{Name: "name", Type: String, SQL: `f.name`, Filter: `f.name`,
				Description: grids.Text{ZH: "名称", EN: "name"}},
			{Name: "cell", Type: String, SQL: `f.cell`, Filter: `f.cell`,
				Description: grids.Text{ZH: "所在网格(占比最大者)", EN: "code of the leaf that holds most of it"}},
			{Name: "cells", Type: JSON, SQL: `coalesce(f.cells, '[]')`,
				Description: grids.Text{ZH: "所跨网格及占比", EN: "all leaves it lies in: [{code, share}]"}},
			{Name: "outside_share", Short: "outside", Type: Number, SQL: `f.outside_share`, Unit: "1",
				Description: grids.Text{ZH: "辖区外占比", EN: "share of it outside the territory"}},
			{Name: "located_by", Type: String, SQL: `f.located_by`, Filter: `f.located_by`, Enum: []string{"import", "address", "hand", "gps"},
				Description: grids.Text{ZH: "定位方式", EN: "how its place is known; null: unlocated"}},
			{Name: "attributes", Type: JSON, Spread: true, SQL: `f.attributes`,
				Description: grids.Text{ZH: "其他属性", EN: "further attributes as imported, without personal data"}},
			{Name: "published", Type: JSON, Spread: true, SQL: `f.published`,
				Description: grids.Text{ZH: "公开的其他列,按文件中的列名", EN: "further columns of the file that were published, by their headings; null: none"}},
			{Name: "provenance", Type: String, SQL: `f.provenance`, Filter: `f.provenance`, Enum: []string{"imported", "demo"},
				Description: grids.Text{ZH: "来源", EN: "where it comes from"}},
			{Name: "changed_at", Type: Instant, SQL: `f.changed_at`,
				Description: grids.Text{ZH: "最近更改", EN: "when it was last changed"}},
		}, validity()...),
	}
}
