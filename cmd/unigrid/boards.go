package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/duty"
	"unigrid/grids/duty/board"
	"unigrid/grids/editions"
)

// boardsFlags are which boards a person wants, and where.
type boardsFlags struct {
	cell   string
	below  bool
	a4     bool
	output string
}

func boardsCommand(c *config) *cobra.Command {
	var f boardsFlags
	cmd := &cobra.Command{
		Use:   "boards --cell CODE -o FOLDER",
		Short: "Write responsibility boards as pages for a website or a printer",
		Long: "Write the responsibility boards of a cell, or of all cells below it too, as static pages: index.html\n" +
			"and one page for each cell. Links are relative and nothing is loaded from elsewhere, so the folder can be put\n" +
			"on any website. Boards show no telephone of a person. A folder that is there already must be empty.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := c.checkPublicURL()
			if err == nil && c.publicURL == "" {
				err = grids.Errorf(grids.Invalid, "public-url", "没有写明公众访问的网址,二维码无处可指", "without the public's address, QR codes would lead nowhere").
					Fix("加上 --public-url https://…", "give --public-url https://…")
			}
			if err != nil {
				return usageError{err}
			}
			return withTerritory(cmd, c, func(ctx context.Context, a *app, t cells.Territory) error {
				return a.boards(ctx, cmd.OutOrStdout(), t, f)
			})
		},
	}
	c.registerPublicURL(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.cell, "cell", "", "code of the cell")
	flags.BoolVar(&f.below, "below", false, "with those of all cells below it")
	flags.BoolVar(&f.a4, "a4", false, "sheets of A4, not A3")
	flags.StringVarP(&f.output, "output", "o", "", "folder to write")
	cobra.CheckErr(cmd.MarkFlagRequired("cell"))
	cobra.CheckErr(cmd.MarkFlagRequired("output"))
	return cmd
}

// boards writes into a folder beside the one that is wanted and moves it there,
// so that an error leaves nothing half done.
func (a *app) boards(ctx context.Context, w io.Writer, t cells.Territory, f boardsFlags) error {
	target := filepath.Clean(f.output)
	if there, err := os.ReadDir(target); err == nil && len(there) > 0 {
		return grids.Errorf(grids.Conflict, "output", "文件夹 %s 不是空的", "the folder %s is not empty", target).
			Fix("换一个文件夹,或先清空它", "give another, or empty it first")
	}
	folder, err := os.MkdirTemp(filepath.Dir(target), ".boards-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := os.Chmod(folder, 0o755); err != nil {
		return err
	}
	paper := board.A3
	if f.a4 {
		paper = board.A4
	}
	site, err := board.InFolder(folder, paper, a.publicURL)
	if err != nil {
		return err
	}
	err = a.db.Read(ctx, grids.Local, func(tx pgx.Tx) error {
		now := time.Now()
		edition, err := editions.Current(ctx, tx, t, now)
		if err != nil {
			return err
		}
		return duty.Boards(ctx, tx, t, edition, now, grids.Code(f.cell), f.below, site.Add)
	})
	if err != nil {
		return err
	}
	if err := site.Close(); err != nil {
		return err
	}
	if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Rename(folder, target); err != nil {
		return err
	}
	return a.print(w, map[string]any{"folder": target, "boards": site.Count()}, func(w io.Writer) {
		fmt.Fprintf(w, "%d boards in %s\n", site.Count(), target)
	})
}
