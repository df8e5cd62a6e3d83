package report

// Section is a part of a page with a heading of its own. It shows what is not empty, in this
// order.
type Section struct {
	Title  string
	Note   string // a sentence or two
	Folded bool   // only its title is shown until it is opened

	Tables     []Table
	Ridges     []Ridges
	Plots      []Plot
	Scatters   []Scatter
	Thumbnails []Thumbnails
	Patches    []Patches
}

// sectionView is a section with its charts drawn.
type sectionView struct {
	*Section
	Charts []chart
	Rows   []ridgeChart
}

// sectionsOf draws the sections of a report.
func (r *Report) sectionsOf() ([]sectionView, error) {
	var all []sectionView
	for i := range r.Sections {
		v := sectionView{Section: &r.Sections[i]}
		for _, p := range v.Plots {
			v.Charts = append(v.Charts, p.curve())
		}
		for _, s := range v.Scatters {
			c, err := s.chart()
			if err != nil {
				return nil, err
			}
			v.Charts = append(v.Charts, c)
		}
		for _, ridges := range v.Ridges {
			c, err := ridges.chart()
			if err != nil {
				return nil, err
			}
			v.Rows = append(v.Rows, c)
		}
		all = append(all, v)
	}
	return all, nil
}
