package collections

import "unigrid/grids"

// layerCellsDef is the departments' own grids, as imported.
func layerCellsDef() *Def {
	return &Def{
		ID:    "layer-cells",
		Title: grids.Text{ZH: "条线网格", EN: "Layer cells"},
		Description: grids.Text{
			ZH: "各部门原有网格,导入时的样子",
			EN: "the departments' own grids, as they were imported",
		},
		Geometry:  "MultiPolygon",
		Rows:      `layers.features($1, $5, $4) f`,
		Place:     `f.geom`,
		Key:       `f.uid`,
		KeyType:   `bigint`,
		Greater:   `>`,
		FeatureID: `f.layer || ':' || f.code`,
		Find:      []string{`f.layer = split_part($6, ':', 1) AND f.code = substr($6, strpos($6, ':') + 1)`, `f.uid::text = $6`},
		Identity:  `f.uid`,
		// OFFSET 0 makes it look-ups by key; else all that a batch sent is joined with all its versions
		Sent: `
LEFT JOIN LATERAL (
  SELECT s.sent AS attributes, s.source_geom AS geom, s.batch, true AS as_sent
  FROM layers.version v
  CROSS JOIN LATERAL (SELECT * FROM layers.sent s WHERE s.territory_id = $1 AND s.cell_id = f.uid AND s.batch = v.batch OFFSET 0) s
  WHERE v.territory_id = $1 AND v.cell_id = f.uid AND lower(v.during) = f.valid_from
  OFFSET 0
) sent ON true`,
		Properties: append([]Property{
			{Name: "layer", Type: String, SQL: `f.layer`, Filter: `f.layer`,
				Description: grids.Text{ZH: "条线", EN: "layer"}},
			{Name: "code", Type: String, SQL: `f.code`, Filter: `f.code`,
				Description: grids.Text{ZH: "条线内编码", EN: "code within the layer"}},
			{Name: "uid", Type: Integer, SQL: `f.uid`, Filter: `f.uid`,
				Description: grids.Text{ZH: "内部标识", EN: "identity"}},
			{Name: "name", Type: String, SQL: `f.name`, Filter: `f.name`,
				Description: grids.Text{ZH: "名称", EN: "name"}},
			{Name: "responsible", Type: JSON, Nested: true, SQL: `CASE WHEN f.person_id IS NOT NULL THEN jsonb_build_object('id', f.person_id, 'name', f.person) END`,
				Description: grids.Text{ZH: "条线负责人 {id,name}", EN: "who the layer names for it {id,name}"}},
			{Name: "responsible_name", Short: "resp_name", Type: String, SQL: `f.person`,
				Description: grids.Text{ZH: "条线负责人姓名", EN: "name of who the layer names for it"}},
			{Name: "area_m2", Type: Number, SQL: `f.area_m2`, Unit: "m2",
				Description: grids.Text{ZH: "面积(平方米)", EN: "area in square metres"}},
			{Name: "published", Type: JSON, Spread: true, SQL: `f.published`,
				Description: grids.Text{ZH: "公开的其他列,按文件中的列名", EN: "further columns of the file that were published, by their headings; null: none"}},
			{Name: "provenance", Type: String, SQL: `f.provenance`, Filter: `f.provenance`, Enum: []string{"imported", "demo"},
				Description: grids.Text{ZH: "来源", EN: "where it comes from"}},
		}, validity()...),
	}
}

// crosswalkDef is how the layers' cells and the unified leaves overlap.
func crosswalkDef() *Def {
	return &Def{
		ID:    "crosswalk",
		Title: grids.Text{ZH: "对照表", EN: "Crosswalk"},
		Description: grids.Text{
			ZH: "条线网格与统一网格的重叠:面积、双向占比和其中的对象",
			EN: "how layer cells and unified cells overlap: area, the share of both, and what lies there",
		},
		Geometry:  "MultiPolygon",
		Rows:      `merge.features($1, $2, $3) f`,
		Instant:   `merge.features($1, $3) f`,
		Place:     `f.geom`,
		Key:       `f.id`,
		KeyType:   `bigint`,
		Greater:   `>`,
		FeatureID: `f.id`,
		Find:      []string{`f.id::text = $6`},
		Identity:  `f.layer, coalesce(f.layer_cell_uid, 0), f.cell_uid`,
		Once:      `f.layer, coalesce(f.layer_cell_uid, 0), f.cell_uid`,
		Properties: append([]Property{
			{Name: "layer", Type: String, SQL: `f.layer`, Filter: `f.layer`,
				Description: grids.Text{ZH: "条线", EN: "layer"}},
			{Name: "layer_cell", Type: String, SQL: `f.layer_cell`, Filter: `f.layer_cell`,
				Description: grids.Text{ZH: "条线网格编码;空:该条线未覆盖", EN: "code of the layer cell; null: the layer does not cover this part"}},
			{Name: "layer_cell_name", Short: "lc_name", Type: String, SQL: `f.layer_cell_name`,
				Description: grids.Text{ZH: "条线网格名称", EN: "name of the layer cell"}},
			{Name: "cell", Type: String, SQL: `f.cell`, Filter: `f.cell`,
				Description: grids.Text{ZH: "统一网格代码", EN: "code of the unified cell"}},
			{Name: "area_m2", Type: Number, SQL: `f.area_m2`, Unit: "m2",
				Description: grids.Text{ZH: "重叠面积(平方米)", EN: "area of the overlap in square metres"}},
			{Name: "share_of_cell", Short: "cell_share", Type: Number, SQL: `f.share_of_cell`, Unit: "1",
				Description: grids.Text{ZH: "占统一网格的比例", EN: "share of the unified cell"}},
			{Name: "share_of_layer_cell", Short: "lc_share", Type: Number, SQL: `f.share_of_layer_cell`, Unit: "1",
				Description: grids.Text{ZH: "占条线网格的比例", EN: "share of the layer cell"}},
			{Name: "population", Type: Number, SQL: `f.population`,
				Description: grids.Text{ZH: "人口,按条线网格文件所载人口和面积占比估算;空:文件未载", EN: "population, estimated by share from what the layer cell's file says; null: it says nothing"}},
			{Name: "enterprises", Type: Number, SQL: `f.enterprises`,
				Description: grids.Text{ZH: "企业数", EN: "enterprises in it"}},
			{Name: "monitors", Type: Number, SQL: `f.monitors`,
				Description: grids.Text{ZH: "监测点数", EN: "monitors in it"}},
			{Name: "water_sources", Short: "water_src", Type: Number, SQL: `f.water_sources`,
				Description: grids.Text{ZH: "水源地数,含部分位于其中的保护区", EN: "water sources in it, also those whose zone lies partly in it"}},
			{Name: "counted", Type: String, SQL: `f.counted`, Enum: []string{"exact", "estimated"},
				Description: grids.Text{ZH: "对象计数方式:exact 按位置;estimated 无位置的对象按面积占比", EN: "how objects were counted: exact, where they are; estimated, those without a place by share of area"}},
			{Name: "stretches", Type: JSON, SQL: `f.stretches`,
				Description: grids.Text{ZH: "其中的河段和保护区 [{kind,code,name,length_m|area_m2,share}]", EN: "river reaches and zones in it [{kind,code,name,length_m|area_m2,share}]"}},
		}, validity()...),
	}
}
