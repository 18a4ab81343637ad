using DeviceMail.Control;

namespace DeviceMail.Devices;

public static class DeviceSetup
{
    public static void AddDevices(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeviceRegister>();
        builder.Services.AddSingleton<DeviceDesk>();
    }

    public static void MapDevices(this WebApplication app)
    {
        app.MapDevicesPage();
        app.MapDevicePage();
        DeviceControl.Map(app.ControlGroup());
    }
}
