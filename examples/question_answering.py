# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes BERT on the questions in ./squad/ (train-v1.1.json, dev-v1.1.json), evaluates it and
answers one question with it. Checkpoints are written to ./output.
"""

from bertune import Trainer

trainer = Trainer(task='question_answering', model='qa_bert_base_uncased',
                  train_dataset='./squad/', eval_dataset='./squad/')
trainer.train(resume_or_finetune_from_checkpoint="qa_bert_base_uncased", do_finetune=True)
trainer.evaluate(eval_checkpoint=True)
trainer.predict(predict_checkpoint=True,
                input_data=["My name is Wolfgang and I live in Berlin - Where do I live?"])
