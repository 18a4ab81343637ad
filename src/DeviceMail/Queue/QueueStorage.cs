using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>Where the queue keeps what it promised: the journal first, the database soon after.</summary>
public sealed record QueueStorage(Database Database, Journal Journal);
