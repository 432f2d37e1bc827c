package collections

import "unigrid/grids"

// peopleDef is the unified team. Telephone numbers are masked, for everybody.
func peopleDef() *Def {
	return &Def{
		ID:    "people",
		Title: grids.Text{ZH: "人员", EN: "People"},
		Description: grids.Text{
			ZH: "一支队伍:人员及其单位、职务;电话已隐去中间位",
			EN: "the one team: people with unit and post; telephone numbers are masked",
		},
		Geometry: "None",
		Rows: `(SELECT v.person_id AS uid, v.staff_no, v.name, v.unit, v.post, v.phone_masked, v.batch, lower(v.during) AS valid_from, upper(v.during) AS valid_to
  FROM people.person_version v WHERE v.territory_id = $1 AND v.during && tstzrange(least($5, $4), $4, '[]')) f`,
		Key:       `f.uid`,
		KeyType:   `bigint`,
		Greater:   `>`,
		FeatureID: `f.staff_no`,
		Find:      []string{`f.staff_no = $6`, `f.uid::text = $6`},
		Identity:  `f.uid`,
		Sent: `
LEFT JOIN LATERAL (
  SELECT s.sent AS attributes, NULL::geometry AS geom, s.batch, false AS as_sent
  FROM people.sent s WHERE s.territory_id = $1 AND s.person_id = f.uid AND s.batch = f.batch
) sent ON true`,
		Properties: append([]Property{
			{Name: "staff_no", Type: String, SQL: `f.staff_no`, Filter: `f.staff_no`,
				Description: grids.Text{ZH: "工号", EN: "staff number"}},
			{Name: "uid", Type: Integer, SQL: `f.uid`, Filter: `f.uid`,
				Description: grids.Text{ZH: "内部标识", EN: "identity"}},
			{Name: "name", Type: String, SQL: `f.name`, Filter: `f.name`,
				Description: grids.Text{ZH: "姓名", EN: "name"}},
			{Name: "unit", Type: String, SQL: `f.unit`, Filter: `f.unit`,
				Description: grids.Text{ZH: "单位", EN: "unit"}},
			{Name: "post", Type: String, SQL: `f.post`, Filter: `f.post`,
				Description: grids.Text{ZH: "职务,多个之间用顿号;其他单位的写作 单位:职务", EN: "posts with 、 between them, those of other units as unit:post"}},
			{Name: "post_from", Type: String, SQL: `people.posts_since($1, f.uid, f.at)`,
				Description: grids.Text{ZH: "各职务的任职时间,- 为不详", EN: "since when each post is held, - where that isn't known"}},
			{Name: "layer", Type: String, SQL: `(SELECT m.layer FROM people.person_layer m WHERE m.territory_id = $1 AND m.person_id = f.uid AND m.home)`,
				Description: grids.Text{ZH: "所属条线(现在)", EN: "layer at home, now"}},
			{Name: "supports", Type: String, SQL: `people.layers_supported($1, f.uid)`,
				Description: grids.Text{ZH: "支援的条线(现在)", EN: "layers supported, now"}},
			{Name: "phone_masked", Short: "phone_mask", Type: String, SQL: `f.phone_masked`,
				Description: grids.Text{ZH: "联系电话(已隐去中间位)", EN: "telephone number, masked"}},
		}, validity()...),
	}
}

// assignmentsDef is who holds which role for which cell.
func assignmentsDef() *Def {
	return &Def{
		ID:    "assignments",
		Title: grids.Text{ZH: "任职", EN: "Assignments"},
		Description: grids.Text{
			ZH: "谁在哪个网格任什么职",
			EN: "who holds which role for which cell",
		},
		Geometry: "None",
		Rows: `(SELECT a.id AS uid, p.staff_no, p.name, c.code AS cell_code, c.name AS cell_name, a.role, a.layer, a.post, a.side, a.rank,
         lower(a.during) AS valid_from, upper(a.during) AS valid_to
  FROM people.assignment a
  JOIN people.person_version p ON p.territory_id = a.territory_id AND p.person_id = a.person_id
    AND p.during @> greatest(lower(a.during), least($4, upper(a.during) - interval '1 microsecond'))
  LEFT JOIN cells.of($1, $3) c ON c.cell_id = a.cell_id
  WHERE a.territory_id = $1 AND a.during && tstzrange(least($5, $4), $4, '[]')) f`,
		Key:       `f.uid`,
		KeyType:   `bigint`,
		Greater:   `>`,
		FeatureID: `f.uid`,
		Find:      []string{`f.uid::text = $6`},
		Identity:  `f.uid`,
		Properties: append([]Property{
			{Name: "staff_no", Type: String, SQL: `f.staff_no`, Filter: `f.staff_no`,
				Description: grids.Text{ZH: "工号", EN: "staff number"}},
			{Name: "uid", Type: Integer, SQL: `f.uid`, Filter: `f.uid`,
				Description: grids.Text{ZH: "内部标识", EN: "identity"}},
			{Name: "name", Type: String, SQL: `f.name`, Filter: `f.name`,
				Description: grids.Text{ZH: "姓名", EN: "name"}},
			{Name: "cell_code", Type: String, SQL: `f.cell_code`, Filter: `f.cell_code`,
				Description: grids.Text{ZH: "网格代码", EN: "code of the cell"}},
			{Name: "cell", Type: String, SQL: `f.cell_name`,
				Description: grids.Text{ZH: "网格名称", EN: "name of the cell"}},
			{Name: "role", Type: String, SQL: `f.role`, Filter: `f.role`,
				Description: grids.Text{ZH: "角色", EN: "role"}},
			{Name: "layer", Type: String, SQL: `f.layer`, Filter: `f.layer`,
				Description: grids.Text{ZH: "条线", EN: "layer; null: all"}},
			{Name: "post", Type: String, SQL: `f.post`,
				Description: grids.Text{ZH: "职务", EN: "post"}},
			{Name: "side", Type: String, SQL: `f.side`,
				Description: grids.Text{ZH: "党政", EN: "party or government"}},
			{Name: "rank", Type: Integer, SQL: `f.rank`,
				Description: grids.Text{ZH: "排序号", EN: "rank in protocol order"}},
		}, validity()...),
	}
}
