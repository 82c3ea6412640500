//! The part of S3 that Quire uses, over [`Objects`].

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use s3s::{
    Body, S3, S3Request, S3Response, S3Result,
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
        CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
        DeleteObjectInput, DeleteObjectOutput, ETag, ETagCondition, GetObjectInput, GetObjectOutput,
        HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListMultipartUploadsInput,
        ListMultipartUploadsOutput, ListObjectsV2Input, ListObjectsV2Output, MultipartUpload, Object,
        PutObjectInput, PutObjectOutput, StreamingBlob, UploadPartInput, UploadPartOutput,
    },
    s3_error,
};

use super::objects::{Condition, Objects};

/// Most objects in one answer.
const LISTED_AT_ONCE: i32 = 1000;

/// One bucket as a service.
pub(super) struct Bucket {
    pub(super) name: String,
    pub(super) objects: Arc<Objects>,
}

impl Bucket {
    fn check(&self, bucket: &str) -> S3Result<()> {
        if bucket == self.name { Ok(()) } else { Err(s3_error!(NoSuchBucket)) }
    }
}

async fn whole(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let Some(body) = body else { return Ok(Bytes::new()) };
    let read = body.try_fold(BytesMut::new(), async |mut all, chunk| {
        all.extend_from_slice(&chunk);
        Ok(all)
    });
    read.await.map(BytesMut::freeze).map_err(|_| s3_error!(IncompleteBody))
}

fn condition(absent: Option<ETagCondition>, version: Option<ETagCondition>) -> S3Result<Condition> {
    match (absent, version) {
        (None, None) => Ok(Condition::None),
        (Some(any), None) if any.is_any() => Ok(Condition::Absent),
        (None, Some(ETagCondition::ETag(tag))) => Ok(Condition::Version(tag.into_value())),
        _ => Err(s3_error!(NotImplemented)),
    }
}

fn length(body: &Bytes) -> i64 {
    i64::try_from(body.len()).unwrap_or(i64::MAX)
}

fn tag(version: String) -> Option<ETag> {
    Some(ETag::Strong(version))
}

fn answer<T>(output: T) -> S3Result<S3Response<T>> {
    Ok(S3Response::new(output))
}

#[async_trait::async_trait]
impl S3 for Bucket {
    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.check(&request.input.bucket)?;
        answer(HeadBucketOutput::default())
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let condition = condition(input.if_none_match, input.if_match)?;
        let body = whole(input.body).await?;
        let version = self.objects.put(input.key, body, &condition);
        let version = version.ok_or_else(|| s3_error!(PreconditionFailed))?;
        answer(PutObjectOutput { e_tag: tag(version), ..PutObjectOutput::default() })
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.check(&request.input.bucket)?;
        let object = self.objects.get(&request.input.key).ok_or_else(|| s3_error!(NoSuchKey))?;
        answer(GetObjectOutput {
            content_length: Some(length(&object.body)),
            e_tag: tag(object.version),
            body: Some(StreamingBlob::from(Body::from(object.body))),
            ..GetObjectOutput::default()
        })
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.check(&request.input.bucket)?;
        let object = self.objects.get(&request.input.key).ok_or_else(|| s3_error!(NoSuchKey))?;
        answer(HeadObjectOutput {
            content_length: Some(length(&object.body)),
            last_modified: Some(object.modified.into()),
            e_tag: tag(object.version),
            ..HeadObjectOutput::default()
        })
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.check(&request.input.bucket)?;
        self.objects.delete(&request.input.key);
        answer(DeleteObjectOutput::default())
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = input.continuation_token.or(input.start_after).unwrap_or_default();
        let limit = input.max_keys.unwrap_or(LISTED_AT_ONCE).clamp(0, LISTED_AT_ONCE);
        let (page, more) = self.objects.list(&prefix, &after, usize::try_from(limit).unwrap_or_default());
        let next = page.last().map(|(key, _)| key.clone()).filter(|_| more);
        let contents = page.into_iter().map(|(key, object)| Object {
            key: Some(key),
            size: Some(length(&object.body)),
            last_modified: Some(object.modified.into()),
            e_tag: tag(object.version),
            ..Object::default()
        });
        let contents: Vec<Object> = contents.collect();
        answer(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: input.prefix,
            max_keys: Some(limit),
            key_count: i32::try_from(contents.len()).ok(),
            is_truncated: Some(more),
            next_continuation_token: next,
            contents: Some(contents),
            ..ListObjectsV2Output::default()
        })
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let upload_id = Some(self.objects.begin_upload(input.key.clone()));
        let (bucket, key) = (Some(input.bucket), Some(input.key));
        answer(CreateMultipartUploadOutput {
            bucket,
            key,
            upload_id,
            ..CreateMultipartUploadOutput::default()
        })
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let prefix = input.prefix.unwrap_or_default();
        let below = self.objects.uploads().into_iter().filter(|(key, ..)| key.starts_with(&prefix));
        let uploads = below.map(|(key, id, begun)| MultipartUpload {
            key: Some(key),
            upload_id: Some(id),
            initiated: Some(begun.into()),
            ..MultipartUpload::default()
        });
        answer(ListMultipartUploadsOutput {
            uploads: Some(uploads.collect()),
            ..ListMultipartUploadsOutput::default()
        })
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let body = whole(input.body).await?;
        let known = self.objects.add_part(&input.upload_id, input.part_number, body);
        known.then_some(()).ok_or_else(|| s3_error!(NoSuchUpload))?;
        let e_tag = tag(format!("part-{}", input.part_number));
        answer(UploadPartOutput { e_tag, ..UploadPartOutput::default() })
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        self.check(&input.bucket)?;
        let condition = condition(input.if_none_match, input.if_match)?;
        let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let numbers: Vec<i32> = parts.iter().filter_map(|part| part.part_number).collect();
        let completed = self.objects.complete(&input.upload_id, &numbers, &condition);
        let version = completed.ok_or_else(|| s3_error!(NoSuchUpload))?;
        let version = version.ok_or_else(|| s3_error!(PreconditionFailed))?;
        answer(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: tag(version),
            ..CompleteMultipartUploadOutput::default()
        })
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.check(&request.input.bucket)?;
        let known = self.objects.abort(&request.input.upload_id);
        known.then_some(()).ok_or_else(|| s3_error!(NoSuchUpload))?;
        answer(AbortMultipartUploadOutput::default())
    }
}
