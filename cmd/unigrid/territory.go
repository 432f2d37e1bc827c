package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/layers"
)

func territoryCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{Use: "territory", Short: "Create and list territories"}
	cmd.AddCommand(territoryCreateCommand(c), &cobra.Command{
		Use: "list", Short: "List territories", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd.Context(), c, func(a *app) error {
				var list []cells.Territory
				err := a.db.Read(cmd.Context(), grids.Local, func(tx pgx.Tx) (err error) {
					list, err = cells.Territories(cmd.Context(), tx)
					return err
				})
				if err != nil {
					return err
				}
				return c.print(cmd.OutOrStdout(), list, func(w io.Writer) {
					for _, t := range list {
						fmt.Fprintf(w, "%s %s EPSG:%d %s\n", t.Code, t.Name, t.EPSG, t.Scheme)
					}
				})
			})
		},
	})
	return cmd
}

func territoryCreateCommand(c *config) *cobra.Command {
	var code, name, crs, scheme string
	var demo bool
	cmd := &cobra.Command{
		Use: "create", Short: "Create a territory", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			epsg, err := parseEPSG(crs)
			if err != nil {
				return err
			}
			s, err := grids.ParseCodeScheme(scheme)
			if err != nil {
				return usageError{err}
			}
			return with(cmd.Context(), c, func(a *app) error {
				t := cells.Territory{Code: grids.Code(code), Name: name, EPSG: epsg, Scheme: s, Demo: demo}
				err := a.db.Tx(cmd.Context(), grids.Local, func(tx pgx.Tx) (err error) {
					if t, err = cells.CreateTerritory(cmd.Context(), tx, t); err != nil {
						return err
					}
					return layers.EnsureDefaults(cmd.Context(), tx, t.ID)
				})
				if err != nil {
					return err
				}
				return c.print(cmd.OutOrStdout(), t, func(w io.Writer) { fmt.Fprintf(w, "territory %s %s\n", t.Code, t.Name) })
			})
		},
	}
	cmd.Flags().StringVar(&code, "code", "", "its code, e.g. 430200000000")
	cmd.Flags().StringVar(&name, "name", "", "its name")
	cmd.Flags().StringVar(&crs, "crs", "", "projected CRS for metres, e.g. EPSG:4547")
	cmd.Flags().StringVar(&scheme, "code-scheme", "gb12", "gb12, or the code's prefix lengths tier by tier, e.g. 5,8,11")
	cmd.Flags().BoolVar(&demo, "demo", false, "its people and firms are invented")
	for _, name := range []string{"code", "name", "crs"} {
		cobra.CheckErr(cmd.MarkFlagRequired(name))
	}
	return cmd
}

// parseEPSG reads EPSG:4547 or 4547; "" is 0.
func parseEPSG(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	digits := text
	if len(text) > 5 && strings.EqualFold(text[:5], "EPSG:") {
		digits = text[5:]
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 {
		return 0, usageError{grids.Errorf(grids.Invalid, "crs", "坐标系 %q 无法识别", "CRS %q is not understood", text).
			Fix("写作 EPSG:4547", "write it as EPSG:4547")}
	}
	return n, nil
}
