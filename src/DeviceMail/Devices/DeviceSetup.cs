using DeviceMail.Control;

namespace DeviceMail.Devices;

public static class DeviceSetup
{
    public static void AddDevices(this WebApplicationBuilder builder) => builder.Services.AddSingleton<DeviceRegister>();

    public static void MapDevices(this WebApplication app) 
    {
        app.MapDevicesPage();
        DeviceControl.Map(app.ControlGroup());
    }
}
