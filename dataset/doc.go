// Package dataset finds the images of a dataset, says which are normal, and loads
// them.
//
//	d, err := dataset.Open(path, dataset.Options{Normal: []string{"ship"}})
//	set, err := d.TrainingSet(ctx, dataset.TrainingOptions{HoldOut: 0.1, Seed: 1})
//	img, err := set.All.Image(0) // set.Held calibrates
//
// [Open] decodes no image. It recognises these layouts, in this order; the first
// column is what [Options].Layout forces one by:
//
//	manifest   a CSV file, or manifest.csv in the folder: path,label,split,group,mask
//	cifar10    data_batch_1.bin ... data_batch_5.bin, test_batch.bin
//	cifar100   train.bin, test.bin: 20 super-classes, or 100 classes
//	idx        train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-..., each .gz or not
//	mvtec      train/good, test/good, test/DEFECT, ground_truth/DEFECT/NAME_mask.png
//	classes    CLASS/*.png, or train/CLASS/*.png and test/CLASS/*.png
//	flat       images in the folder itself, all normal
//
// An image file is one whose name ends in png, jpg, jpeg, gif, bmp, tif, tiff or
// webp, in any case. Hidden files and folders and files of other kinds are passed
// over and counted ([Passed]). Links to files and folders are followed; a folder that
// a link leads to a second time is not read again, so that loops end.
//
// # Order
//
// Items are in the order of their paths below the dataset's folder, compared byte by
// byte with "/" between the parts (so a/10.png comes before a/9.png), and within an
// archive by index; the images of Options.Defects come last, in the same order.
// Neither the file system, nor the rows' order in a manifest, nor where the folder
// lies has a say in it.
//
// # Which are normal
//
// Options.Normal names the normal classes. Without it a class is normal whose name is
// normal, good, ok or 1, in any case; a dataset of one class is all normal; else Open
// fails and lists the classes. All others are anomalies.
//
// Training may use a normal image, and an anomaly that was given as a known one
// ([Item].Labelled): by Options.Defects, by a row of a manifest whose split is not
// test, by a folder train/DEFECT of the mvtec layout. Where the classes are kinds of
// things rather than defects (classes, cifar10, cifar100, idx), no anomaly is known
// until [Dataset.DrawKnown] and [Dataset.Label] make it so.
package dataset
