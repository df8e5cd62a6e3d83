package main

// trial is a sequence of commands that both sides run in a folder of their own. Their
// output is compared, and then every file that they wrote.
//
// Threads are one, as both sides run at a time; one trial takes two.
type trial struct {
	name     string
	commands []string
}

const quick = " --preset quick --batch 32 --threads 1 --json --log log.csv"

var trials = []trial{
	{"draw", []string{
		"draw part -o part --train 6 --good 3 --each 2 --known 3 --seed 3",
		"draw texture -o texture --train 6 --good 3 --each 2 --known 3 --seed 4",
		"draw plate -o plate --train 1 --good 1 --each 1 --known 2",
		"draw cloth -o cloth --train 1 --good 1 --each 1 --known 2",
	}},
	{"names", []string{"verify --list", "bench --list"}},
	// Objects, whole: heads for rotated copies; all that there is to do with a model.
	{"object", []string{
		"train DATA/part/train/good -o m.safetensors --epochs 3 --seed 1 --kind object" + quick,
		"score -m m.safetensors DATA/part/test",
		"score -m m.safetensors DATA/part/test --json --threads 1",
		"score -m m.safetensors DATA/part --labels --trivial --heatmap heat",
		"score -m m.safetensors DATA/part --labels --trivial --json --quiet",
		"score -m m.safetensors DATA/part/test/object/000.png --fail-on-anomaly --quiet",
		"calibrate -m m.safetensors DATA/part/test/good -o calibrated.safetensors --false-alarm 0.2",
		"refit -m m.safetensors --defects DATA/part/test/style -o refit.safetensors --seed 7",
		"score -m refit.safetensors DATA/part/test --json",
		"score -m calibrated.safetensors DATA/part/test --json",
		"inspect m.safetensors",
		"inspect refit.safetensors --json",
	}},
	{"object-known", []string{
		"train DATA/part/train/good -o m.safetensors --epochs 2 --defects DATA/part/known/defects --masks DATA/part/known/masks --kind object" + quick,
		"score -m m.safetensors DATA/part/test --json",
	}},
	// Parts: cells with known places.
	{"part", []string{
		"train DATA/part/train/good -o m.safetensors --epochs 2 --kind part --defects DATA/part/known/defects --masks DATA/part/known/masks" + quick,
		"score -m m.safetensors DATA/part --labels --json --heatmap heat",
		"refit -m m.safetensors --defects DATA/part/test/local -o refit.safetensors",
		"score -m refit.safetensors DATA/part/test --json",
		"inspect m.safetensors --json",
	}},
	{"texture", []string{
		"train DATA/texture -o m.safetensors --epochs 2 --kind texture --seed 5 --score heads" + quick,
		"score -m m.safetensors DATA/texture --labels --trivial",
	}},
	{"tiles", []string{
		"train DATA/mvtec -o m.safetensors --epochs 1 --kind part --tile 48 --size 32 --false-alarm 0.2 --defects DATA/defects --masks DATA/masks" + quick,
		"score -m m.safetensors DATA/mvtec --labels --trivial --heatmap heat",
		"inspect m.safetensors --json",
	}},
	// Files of several formats, a folder a class, two of them normal.
	{"classes", []string{
		"train DATA/classes -o m.safetensors --epochs 1 --normal good,grey --gamma 0.1 --size 48 --false-alarm 0.1 --kind object" + quick,
		"score -m m.safetensors DATA/classes --labels --normal good,grey --trivial --json",
	}},
	{"cifar", []string{
		"train DATA/cifar -o m.safetensors --epochs 1 --normal automobile --gamma 0.05 --gamma-class ship --images 48 --shift mixed --kind object" + quick,
		"score -m m.safetensors DATA/cifar --labels --normal automobile --trivial",
	}},
	{"idx", []string{
		"train DATA/idx -o m.safetensors --epochs 1 --normal 0 --shift none --score l2 --kind object" + quick,
		"score -m m.safetensors DATA/idx --labels --normal 0 --json",
	}},
	{"manifest", []string{
		"train DATA/list -o m.safetensors --epochs 1 --shift cutpaste --hold-out 0.3 --false-alarm 0.1 --kind object" + quick,
		"score -m m.safetensors DATA/list --labels --trivial",
	}},
	// Bottlenecks, two threads, cosine scores, and rows that are encoded twice.
	{"deep", []string{
		"train DATA/part/train/good -o m.safetensors --epochs 1 --depth 50 --ram 0.001 --shift none --preset quick --threads 2 --json --kind object",
		"score -m m.safetensors DATA/part/test --json",
	}},
	{"small", []string{
		"train DATA/part/train/good -o m.safetensors --epochs 1 --images 24 --batch 16 --false-alarm 0.1 --preset small --threads 1 --json --kind object",
		"score -m m.safetensors DATA/part/test --json",
	}},
	{"text", []string{
		"train DATA/part/train/good -o m.safetensors --preset quick --epochs 1 --false-alarm 0 --threads 1 --kind object",
		"score -m m.safetensors DATA/part/test",
	}},
	{"resume", []string{
		"train DATA/part/train/good -o whole.safetensors --epochs 6 --kind object" + quick,
		"interrupt: train DATA/part/train/good -o m.safetensors --epochs 6 --kind object" + quick,
		"train DATA/part/train/good -o m.safetensors --resume --threads 2 --log log.csv",
	}},
	{"views", []string{
		"train DATA/part/train/good --preset quick --dump-augmented object --kind object",
		"train DATA/part/train/good --preset quick --dump-augmented part --kind part",
		"train DATA/texture --preset quick --dump-augmented texture --kind texture --seed 2",
		"train DATA/mvtec --preset quick --dump-augmented tiles --kind part --tile 48 --size 32",
	}},
}
