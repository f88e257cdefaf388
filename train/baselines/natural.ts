// The classifiers alone: the library's main entry loads databases and dictionaries nobody asks for here.
import natural from 'natural/lib/natural/classifiers/index.js';
import type { Example, Predict } from './example.ts';

type Classifier =
  | InstanceType<typeof natural.BayesClassifier>
  | InstanceType<typeof natural.LogisticRegressionClassifier>;

/** Naive Bayes of `natural` with its tokeniser and Porter stemmer. */
export function trainNaturalBayes(examples: readonly Example[]): Predict {
  return fit(new natural.BayesClassifier(), examples);
}

/** Logistic regression of `natural`, by plain gradient descent on dense rows. */
export function trainNaturalLogistic(examples: readonly Example[]): Predict {
  return fit(new natural.LogisticRegressionClassifier(), examples);
}

function fit(classifier: Classifier, examples: readonly Example[]): Predict {
  for (const { text, label } of examples) classifier.addDocument(text, label);
  classifier.train();
  return (texts) =>
    Float64Array.from(texts, (text) => {
      const values = { promotional: 0, transactional: 0 };
      for (const { label, value } of classifier.getClassifications(text))
        if (label === 'promotional' || label === 'transactional') values[label] = value;
      const total = values.promotional + values.transactional;
      // The likelihood of a long text underflows to 0 for both classes: nothing is known then.
      return total > 0 ? values.promotional / total : 0.5;
    });
}
