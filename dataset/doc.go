// Package dataset finds the images of a dataset, labels the normal ones, decodes them and
// holds some out for calibration.
//
//	d, err := dataset.Open(path, dataset.Options{Normal: []string{"ship"}})
//	set, err := d.TrainingSet(ctx, dataset.TrainingOptions{HoldOut: 0.1, Seed: 1})
//	img, err := set.All.Image(0) // set.Held calibrates
//
// [Open] decodes no image. It recognises these layouts, in this order; the first
// column is the name that forces one by [Options].Layout. docs/layouts.md has a tree of
// each.
//
//	manifest   a CSV file, or manifest.csv in the folder: path,label,split,group,mask,object
//	cifar10    data_batch_1.bin ... data_batch_5.bin, test_batch.bin
//	cifar100   train.bin, test.bin: 20 super-classes, or 100 classes
//	idx        train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-..., each .gz or not
//	svhn       train_32x32.mat, test_32x32.mat: the cropped digits
//	cub        images.txt, train_test_split.txt, images/CLASS: CUB-200-2011
//	mvtec      train/good, test/good, test/DEFECT, ground_truth/DEFECT/NAME_mask.png
//	visa       Data/Images/Normal, Data/Images/Anomaly, Data/Masks/Anomaly
//	ksdd       train and test, or a folder a part, with a mask beside each image
//	classes    CLASS/*.png, or train/CLASS/*.png and test/CLASS/*.png
//	flat       images in the folder itself
//
// A single folder below that has a layout other than flat is read in place of the folder
// around it. Several such folders are an error, as their defects would be normal.
//
// An image file has a name that ends in png, jpg, jpeg, jpe, jfif, gif, bmp, dib, tif,
// tiff or webp, in any case. Hidden files and folders, folders of heatmaps
// ([OutputMarker]) and files of other kinds are passed over and counted ([Passed]). Links
// to files and folders are followed. A folder that a link leads to a second time is not
// read again, so loops end. [Files] lists the images of any path by the same rules.
//
// # Masks
//
// A mask is known by its name. It is called like an image in the same folder, with a suffix
// such as _mask, _GT or _label and perhaps a number; or it lies in a folder such as masks,
// ground_truth or gt, with or without the suffix, below which its path is that of an image
// beside the folder; or in a folder with the name of such an image, as one of several. A
// mask is never an image, in any layout but manifest. [Dataset.Summary] counts masks, and
// [Images.CheckMasks] warns of those that mark nothing or too much.
//
// # Order
//
// Items are sorted by their paths below the dataset's folder, byte by byte with "/"
// between the parts (so a/10.png comes before a/9.png), and within an archive by index.
// The images of Options.Defects come last, in the same order. The order does not depend
// on the file system, on the order of a manifest's rows or on the folder's place.
//
// # Labels
//
// Options.Normal names the normal classes. Without it, classes called normal, good, ok,
// pass, defect-free and the like, in any case, are normal. In a dataset of one class all
// images are, unless it is called bad, defect, anomaly and the like, or 0, 1, yes, no, true
// or false, which may mean either. For any other dataset Open fails and lists the classes.
// All other images are anomalies. In the layouts flat and ksdd, which have no classes, an
// image is an anomaly if its mask marks something.
//
// Training may use normal images and known anomalies ([Item].Labelled). An anomaly is
// known if it comes from Options.Defects, from a row of a manifest whose split is not
// test, from a folder train/DEFECT of the mvtec layout, or if masks label it and its split
// is not test. Where classes are kinds of things rather than defects (classes, visa,
// cifar10, cifar100, idx, svhn, cub), no anomaly is known until [Dataset.DrawKnown] and
// [Dataset.Label] make it so.
package dataset
