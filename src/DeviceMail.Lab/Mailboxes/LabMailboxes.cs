using System.Globalization;

namespace DeviceMail.Lab.Mailboxes;

/// <summary>Every mailbox that ever got a message, inside the tenant and outside; one copy a recipient.</summary>
public sealed class LabMailboxes(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<LabMessage>> _boxes = new(StringComparer.OrdinalIgnoreCase);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    public IReadOnlyList<string> Addresses
    {
        get
        {
            lock (_gate)
                return [.. _boxes.Keys.Order(StringComparer.OrdinalIgnoreCase)];
        }
    }

    public IReadOnlyList<LabMessage> this[string address]
    {
        get
        {
            lock (_gate)
                return _boxes.TryGetValue(address, out var box) ? [.. box] : [];
        }
    }

    public LabMessage? Find(string address, string id) => this[address].FirstOrDefault(message => message.Id == id);

    /// <summary>Waits until a message that fits lies in the mailbox, and returns the first one.</summary>
    public async Task<LabMessage> WaitForAsync(string address, Func<LabMessage, bool> fits, CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
                changed = _changed.Task;
            if (this[address].FirstOrDefault(fits) is { } message)
                return message;
            await changed.WaitAsync(ct);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (var message in _boxes.Values.SelectMany(box => box))
                message.Body.Delete();
            _boxes.Clear();
        }
    }

    internal void Deliver(LabEnvelope envelope, MailBody body)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            foreach (var recipient in envelope.Recipients.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                if (!_boxes.TryGetValue(recipient, out var box))
                    _boxes[recipient] = box = [];
                var id = (++_count).ToString(CultureInfo.InvariantCulture);
                box.Add(new(id, recipient, time.GetUtcNow(), envelope, body));
            }

            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
