package source

import (
	"fmt"
	"strings"

	"unigrid/grids"
)

// ManyLayersError says that a file holds several layers and none was named.
type ManyLayersError struct {
	File   string
	Layers []string // as Options.Layer takes them
}

// Error lists the layers.
func (e *ManyLayersError) Error() string {
	return fmt.Sprintf("%s holds %d layers; name one of them: %s", e.File, len(e.Layers), strings.Join(e.Layers, ", "))
}

// Unwrap gives the same as an error that a person can act on.
func (e *ManyLayersError) Unwrap() error {
	return grids.Errorf(grids.Invalid, "layer", "%s 含有 %d 个图层", "%s holds %d layers", e.File, len(e.Layers)).
		Fix("请指定其一：%s", "name one of them: %s", strings.Join(e.Layers, ", "))
}
