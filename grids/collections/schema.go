package collections

// Schema gives the JSON Schema of a collection's features' properties, as OGC
// API Features part 5 has it. lang is a language tag for titles.
func (d *Def) Schema(id, lang string) map[string]any {
	return d.schema(id, lang, func(Property) bool { return true })
}

// Queryables gives the JSON Schema of the properties that can be filtered by.
func (d *Def) Queryables(id, lang string) map[string]any {
	s := d.schema(id, lang, func(p Property) bool { return p.Filter != "" })
	s["additionalProperties"] = false
	return s
}

func (d *Def) schema(id, lang string, with func(Property) bool) map[string]any {
	properties := map[string]any{}
	switch d.Geometry {
	case "":
		properties["geometry"] = map[string]any{"format": "geometry-any", "x-ogc-role": "primary-geometry"}
	default:
		properties["geometry"] = map[string]any{"format": "geometry-multipolygon", "x-ogc-role": "primary-geometry"}
	}
	for i, p := range d.Properties {
		if !with(p) {
			continue
		}
		properties[p.Name] = p.schema(i, lang)
	}
	return map[string]any{
		"$schema":    "https://json-schema.org/draft/2020-12/schema",
		"$id":        id,
		"title":      d.Title.In(lang),
		"type":       "object",
		"properties": properties,
	}
}

func (p Property) schema(order int, lang string) map[string]any {
	s := map[string]any{"title": p.Description.In(lang), "description": p.Description.EN + " / " + p.Description.ZH, "x-ogc-propertySeq": order + 1}
	switch p.Type {
	case JSON:
		s["type"] = []string{"object", "array", "null"}
	case Instant:
		s["type"], s["format"] = []string{"string", "null"}, "date-time"
	default:
		s["type"] = []string{string(p.Type), "null"}
	}
	if p.Enum != nil {
		s["enum"] = append(append([]any{}, anys(p.Enum)...), nil)
	}
	if p.Unit != "" {
		s["x-ogc-unit"] = p.Unit
	}
	return s
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
