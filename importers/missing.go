package importers

// Missing says what an import that is read needs before it can be checked: a
// tier, a layer, a coordinate system, or columns for fields. nil: nothing.
func (i Import) Missing() error {
	if err := refuse(i); err != nil {
		return err
	}
	return complete(i.Request.Target, i.Mapping)
}
